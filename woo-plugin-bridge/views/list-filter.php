<?php
/**
 * The filter of the list of orders.
 *
 * @package Tillbook
 *
 * @var array<string, mixed> $data
 */

declare( strict_types=1 );

defined( 'ABSPATH' ) || exit;
?>
<label class="screen-reader-text" for="tillbook-filter"><?php esc_html_e( 'Filter by state in Xero', 'tillbook-for-woocommerce' ); ?></label>
<select id="tillbook-filter" name="<?php echo esc_attr( $data['name'] ); ?>">
	<option value=""><?php esc_html_e( 'Xero: all', 'tillbook-for-woocommerce' ); ?></option>
	<?php foreach ( $data['states'] as $tillbook_state => $tillbook_word ) : ?>
		<option value="<?php echo esc_attr( $tillbook_state ); ?>" <?php selected( $data['chosen'], $tillbook_state ); ?>>
			<?php
			/* translators: %s: a state, such as "In Xero" */
			echo esc_html( sprintf( __( 'Xero: %s', 'tillbook-for-woocommerce' ), $tillbook_word ) );
			?>
		</option>
	<?php endforeach; ?>
</select>
