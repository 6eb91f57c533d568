<?php
/**
 * What Xero gets for an order: an element of the module's reply.
 *
 * @package Tillbook
 *
 * @var array<string, mixed> $data
 */

declare( strict_types=1 );

defined( 'ABSPATH' ) || exit;
?>
<?php
$tillbook_outcomes = array(
	'skip' => __( 'Nothing is sent to Xero for this order as it stands.', 'tillbook-for-woocommerce' ),
	'hold' => __( 'This order would wait until what is said below is cured.', 'tillbook-for-woocommerce' ),
);
$tillbook_documents = array_filter( array_merge( array( $data['document'] ?? null ), array_column( (array) ( $data['refunds'] ?? array() ), 'document' ) ) );
$tillbook_findings  = array_merge( (array) ( $data['findings'] ?? array() ), ...array_column( (array) ( $data['refunds'] ?? array() ), 'findings' ) );
?>
<?php if ( isset( $tillbook_outcomes[ $data['outcome'] ?? '' ] ) ) : ?>
	<p class="tillbook-quiet"><?php echo esc_html( $tillbook_outcomes[ $data['outcome'] ] ); ?></p>
<?php endif; ?>
<?php foreach ( $tillbook_findings as $tillbook_finding ) : ?>
	<p class="tillbook-finding tillbook-finding-<?php echo esc_attr( sanitize_html_class( (string) ( $tillbook_finding['severity'] ?? '' ) ) ); ?>">
		<strong><?php echo esc_html( Tillbook\OrderScreen\Words::sentence( $tillbook_finding['message'] ?? '' ) ); ?></strong>
		<?php echo esc_html( $tillbook_finding['cure'] ?? '' ); ?>
		<code><?php echo esc_html( $tillbook_finding['code'] ?? '' ); ?></code>
	</p>
<?php endforeach; ?>
<?php foreach ( $tillbook_documents as $tillbook_document ) : ?>
	<div class="tillbook-document">
		<p class="tillbook-document-head">
			<strong><?php echo esc_html( Tillbook\OrderScreen\Words::document( $tillbook_document['kind'] ) . ' ' . $tillbook_document['number'] ); ?></strong>
			<?php
			/* translators: 1: name of a contact, 2: date */
			echo esc_html( sprintf( __( 'to %1$s, dated %2$s', 'tillbook-for-woocommerce' ), $tillbook_document['contact'], $tillbook_document['date'] ) );
			?>
		</p>
		<div class="tillbook-scroll" tabindex="0" role="region" aria-label="<?php esc_attr_e( 'Lines of the document', 'tillbook-for-woocommerce' ); ?>">
			<table class="widefat striped tillbook-lines">
				<thead>
					<tr>
						<th scope="col"><?php esc_html_e( 'Description', 'tillbook-for-woocommerce' ); ?></th>
						<th scope="col" class="tillbook-number"><?php esc_html_e( 'Quantity', 'tillbook-for-woocommerce' ); ?></th>
						<th scope="col" class="tillbook-number"><?php esc_html_e( 'Unit price', 'tillbook-for-woocommerce' ); ?></th>
						<th scope="col"><?php esc_html_e( 'Account', 'tillbook-for-woocommerce' ); ?></th>
						<th scope="col"><?php esc_html_e( 'Tax type', 'tillbook-for-woocommerce' ); ?></th>
						<th scope="col" class="tillbook-number"><?php esc_html_e( 'Tax', 'tillbook-for-woocommerce' ); ?></th>
						<th scope="col" class="tillbook-number"><?php esc_html_e( 'Amount', 'tillbook-for-woocommerce' ); ?></th>
					</tr>
				</thead>
				<tbody>
					<?php foreach ( $tillbook_document['lines'] as $tillbook_line ) : ?>
						<tr>
							<td><?php echo esc_html( $tillbook_line['description'] ); ?></td>
							<td class="tillbook-number"><?php echo esc_html( $tillbook_line['quantity'] ); ?></td>
							<td class="tillbook-number"><?php echo esc_html( $tillbook_line['unit_amount'] ); ?></td>
							<td><?php echo esc_html( $tillbook_line['account_code'] ); ?></td>
							<td><?php echo esc_html( $tillbook_line['tax_type'] ); ?></td>
							<td class="tillbook-number"><?php echo esc_html( $tillbook_line['tax_amount'] ); ?></td>
							<td class="tillbook-number"><?php echo esc_html( $tillbook_line['line_amount'] ); ?></td>
						</tr>
					<?php endforeach; ?>
				</tbody>
				<tfoot>
					<tr>
						<th scope="row" colspan="5"><?php esc_html_e( 'Total', 'tillbook-for-woocommerce' ); ?></th>
						<td class="tillbook-number"><?php echo esc_html( $tillbook_document['total_tax'] ); ?></td>
						<td class="tillbook-number"><strong><?php echo esc_html( $tillbook_document['total'] . ' ' . $tillbook_document['currency'] ); ?></strong></td>
					</tr>
				</tfoot>
			</table>
		</div>
		<p class="tillbook-quiet">SHA-256 <code class="tillbook-sha"><?php echo esc_html( $tillbook_document['sha256'] ); ?></code></p>
	</div>
<?php endforeach; ?>
