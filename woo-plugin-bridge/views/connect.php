<?php
/**
 * Connecting and disconnecting without scripts.
 *
 * @package Tillbook
 *
 * @var array<string, mixed> $data
 */

declare( strict_types=1 );

defined( 'ABSPATH' ) || exit;
?>
<div class="card">
	<?php if ( $data['connected'] ) : ?>
		<h2 class="title"><?php esc_html_e( 'Connected', 'tillbook-for-woocommerce' ); ?></h2>
		<p>
			<?php
			/* translators: 1: the host's address, 2: its name for this shop, 3: date and time */
			echo esc_html( sprintf( __( 'This shop is connected to %1$s as "%2$s", since %3$s.', 'tillbook-for-woocommerce' ), $data['address'], $data['shop'], $data['since'] ) );
			?>
		</p>
		<?php if ( $data['configure'] ) : ?>
			<form method="post" action="<?php echo esc_url( $data['action'] ); ?>">
				<?php wp_nonce_field( 'tillbook_disconnect' ); ?>
				<input type="hidden" name="action" value="tillbook_disconnect" />
				<p><button class="button"><?php esc_html_e( 'Disconnect', 'tillbook-for-woocommerce' ); ?></button></p>
				<p class="description"><?php esc_html_e( 'The host loses its key to this shop. What stands in Xero stays there.', 'tillbook-for-woocommerce' ); ?></p>
			</form>
		<?php endif; ?>
	<?php elseif ( $data['configure'] ) : ?>
		<h2 class="title"><?php esc_html_e( 'Connect this shop', 'tillbook-for-woocommerce' ); ?></h2>
		<p><?php esc_html_e( 'Nothing has been sent, and nothing will be until you switch it on.', 'tillbook-for-woocommerce' ); ?></p>
		<form method="post" action="<?php echo esc_url( $data['action'] ); ?>">
			<?php wp_nonce_field( 'tillbook_connect' ); ?>
			<input type="hidden" name="action" value="tillbook_connect" />
			<p>
				<label for="tillbook-address"><?php esc_html_e( 'Address of the host', 'tillbook-for-woocommerce' ); ?></label><br />
				<input id="tillbook-address" name="address" type="text" class="regular-text" required placeholder="https://books.example.com" />
			</p>
			<p>
				<label for="tillbook-code"><?php esc_html_e( 'Pairing code', 'tillbook-for-woocommerce' ); ?></label><br />
				<input id="tillbook-code" name="code" type="text" class="regular-text" required placeholder="ABCD-EFGH" autocomplete="off" />
			</p>
			<p class="description"><?php esc_html_e( 'The host prints a code when it starts for the first time, and whenever you run "tillbook pair".', 'tillbook-for-woocommerce' ); ?></p>
			<p><button class="button button-primary"><?php esc_html_e( 'Connect', 'tillbook-for-woocommerce' ); ?></button></p>
		</form>
	<?php else : ?>
		<p><?php esc_html_e( 'This shop is not connected yet. Ask somebody who may set it up.', 'tillbook-for-woocommerce' ); ?></p>
	<?php endif; ?>
</div>
