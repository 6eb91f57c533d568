<?php
/**
 * The preview in an e-mail.
 *
 * @package Tillbook
 *
 * @var array<string, mixed> $data
 */

declare( strict_types=1 );

defined( 'ABSPATH' ) || exit;
?>
<h2><?php esc_html_e( 'What Xero gets', 'tillbook-for-woocommerce' ); ?></h2>
<p>
	<?php
	/* translators: 1: number of a document, 2: name of a contact, 3: amount, 4: currency */
	echo esc_html( sprintf( __( '%1$s to %2$s: %3$s %4$s', 'tillbook-for-woocommerce' ), $data['document']['number'], $data['document']['contact'], $data['document']['total'], $data['document']['currency'] ) );
	?>
</p>
<table cellspacing="0" cellpadding="6" border="1" style="width:100%;border-collapse:collapse;margin-bottom:40px">
	<?php foreach ( $data['document']['lines'] as $tillbook_line ) : ?>
		<tr>
			<td><?php echo esc_html( $tillbook_line['description'] ); ?></td>
			<td><?php echo esc_html( $tillbook_line['account_code'] . ' ' . $tillbook_line['tax_type'] ); ?></td>
			<td style="text-align:right"><?php echo esc_html( $tillbook_line['line_amount'] ); ?></td>
		</tr>
	<?php endforeach; ?>
</table>
