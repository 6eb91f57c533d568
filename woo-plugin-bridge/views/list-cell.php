<?php
/**
 * A cell of the list of orders.
 *
 * @package Tillbook
 *
 * @var array<string, mixed> $data
 */

declare( strict_types=1 );

defined( 'ABSPATH' ) || exit;
?>
<span class="tillbook-cell" data-tillbook-order="<?php echo esc_attr( (string) $data['order'] ); ?>"><span aria-hidden="true">–</span></span>
