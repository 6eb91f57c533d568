<?php
/**
 * The form behind the box's button: it stands outside of the order's own form.
 *
 * @package Tillbook
 *
 * @var array<string, mixed> $data
 */

declare( strict_types=1 );

defined( 'ABSPATH' ) || exit;
?>
<form id="tillbook-sync-form" method="post" action="<?php echo esc_url( $data['action'] ); ?>">
	<?php wp_nonce_field( Tillbook\OrderScreen\Actions::SYNC . $data['order'], '_wpnonce', true ); ?>
	<input type="hidden" name="action" value="<?php echo esc_attr( Tillbook\OrderScreen\Actions::SYNC ); ?>" />
	<input type="hidden" name="order" value="<?php echo esc_attr( (string) $data['order'] ); ?>" />
</form>
