<?php
/**
 * The box on the order's page.
 *
 * @package Tillbook
 *
 * @var array<string, mixed> $data
 */

declare( strict_types=1 );

defined( 'ABSPATH' ) || exit;
?>
<?php if ( ! $data['connected'] ) : ?>
	<p>
		<?php esc_html_e( 'This shop is not connected to Xero yet.', 'tillbook-for-woocommerce' ); ?>
		<a href="<?php echo esc_url( $data['page'] ); ?>"><?php esc_html_e( 'Connect it', 'tillbook-for-woocommerce' ); ?></a>
	</p>
<?php else : ?>
<tillbook-order-box order="<?php echo esc_attr( (string) $data['order'] ); ?>">
	<div class="tillbook-box">
		<p class="tillbook-box-state">
			<?php if ( $data['state'] ) : ?>
				<span class="tillbook-state tillbook-state-<?php echo esc_attr( sanitize_html_class( $data['state']['kind'] ) ); ?>"><?php echo esc_html( $data['state']['word'] ); ?></span>
			<?php endif; ?>
			<?php foreach ( $data['documents'] as $tillbook_document ) : ?>
				<?php if ( '' !== $tillbook_document['url'] ) : ?>
					<a href="<?php echo esc_url( $tillbook_document['url'] ); ?>" target="_blank" rel="noopener noreferrer"><?php echo esc_html( $tillbook_document['name'] ); ?><span class="screen-reader-text"> <?php esc_html_e( '(opens in a new tab)', 'tillbook-for-woocommerce' ); ?></span></a>
				<?php else : ?>
					<span><?php echo esc_html( $tillbook_document['name'] ); ?></span>
				<?php endif; ?>
			<?php endforeach; ?>
			<?php if ( $data['may_sync'] ) : ?>
				<button type="submit" class="button" form="tillbook-sync-form"><?php esc_html_e( 'Sync now', 'tillbook-for-woocommerce' ); ?></button>
			<?php endif; ?>
		</p>
		<?php if ( '' !== $data['host_says'] ) : ?>
			<p class="tillbook-quiet"><?php echo esc_html( $data['host_says'] ); ?></p>
		<?php endif; ?>
		<?php if ( $data['finding'] ) : ?>
			<p class="tillbook-finding"><strong><?php echo esc_html( $data['finding']['message'] ); ?></strong> <?php echo esc_html( $data['finding']['cure'] ); ?> <code><?php echo esc_html( $data['finding']['code'] ); ?></code></p>
		<?php endif; ?>
		<?php if ( $data['preview'] ) : ?>
			<?php Tillbook\View::show( 'preview', $data['preview'] ); ?>
		<?php else : ?>
			<p class="tillbook-quiet"><?php echo esc_html( $data['why_not'] ); ?></p>
		<?php endif; ?>
		<p><a href="<?php echo esc_url( $data['preview_page'] ); ?>"><?php esc_html_e( 'Open in Tillbook', 'tillbook-for-woocommerce' ); ?></a></p>
	</div>
</tillbook-order-box>
<?php endif; ?>
