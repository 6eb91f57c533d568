<?php
/**
 * A notice of wp-admin.
 *
 * @package Tillbook
 *
 * @var array<string, mixed> $data
 */

declare( strict_types=1 );

defined( 'ABSPATH' ) || exit;
?>
<div class="notice notice-<?php echo esc_attr( $data['kind'] ); ?>">
	<p>
		<strong><?php echo esc_html( $data['title'] ); ?></strong>
		<?php foreach ( $data['lines'] as $tillbook_line ) : ?>
			<?php echo esc_html( $tillbook_line ); ?>
		<?php endforeach; ?>
	</p>
</div>
