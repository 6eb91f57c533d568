<?php
/**
 * The Tillbook page: the pages' element, and forms for browsers without scripts.
 *
 * @package Tillbook
 *
 * @var array<string, mixed> $data
 */

declare( strict_types=1 );

defined( 'ABSPATH' ) || exit;
?>
<div class="wrap tillbook-page">
	<h1 class="<?php echo $data['has_bundle'] ? 'screen-reader-text' : ''; ?>">Tillbook</h1>
	<hr class="wp-header-end" />
	<?php if ( $data['notice'] ) : ?>
		<div class="notice notice-<?php echo esc_attr( $data['notice']['kind'] ); ?> is-dismissible"><p><?php echo esc_html( $data['notice']['message'] ); ?></p></div>
	<?php endif; ?>
	<?php if ( ! $data['permalinks'] ) : ?>
		<div class="notice notice-warning"><p><?php esc_html_e( 'This page needs permalinks that are not "Plain": choose another structure under Settings → Permalinks.', 'tillbook-for-woocommerce' ); ?></p></div>
	<?php endif; ?>
	<?php if ( $data['has_bundle'] ) : ?>
		<tillbook-app></tillbook-app>
		<noscript><?php Tillbook\View::show( 'connect', $data ); ?></noscript>
	<?php else : ?>
		<?php Tillbook\View::show( 'connect', $data ); ?>
	<?php endif; ?>
</div>
