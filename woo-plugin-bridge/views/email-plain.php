<?php
/**
 * The preview in an e-mail of text only.
 *
 * @package Tillbook
 *
 * @var array<string, mixed> $data
 */

declare( strict_types=1 );

defined( 'ABSPATH' ) || exit;

/* translators: 1: number of a document, 2: name of a contact, 3: amount, 4: currency */
echo "\n" . esc_html( sprintf( __( '%1$s to %2$s: %3$s %4$s', 'tillbook-for-woocommerce' ), $data['document']['number'], $data['document']['contact'], $data['document']['total'], $data['document']['currency'] ) ) . "\n";
foreach ( $data['document']['lines'] as $tillbook_line ) {
	echo esc_html( "{$tillbook_line['line_amount']}  {$tillbook_line['account_code']} {$tillbook_line['tax_type']}  {$tillbook_line['description']}" ) . "\n";
}
