<?php
/**
 * Plugin Name:          Tillbook for WooCommerce
 * Description:          Puts every order into Xero, to the cent and once. See the very invoice that Xero will get before anything is sent.
 * Version:              0.1.0
 * Requires at least:    6.5
 * Tested up to:         7.1
 * Requires PHP:         8.1
 * Requires Plugins:     woocommerce
 * WC requires at least: 8.4
 * WC tested up to:      10.5
 * Author:               Tillbook
 * License:              Apache-2.0
 * License URI:          https://www.apache.org/licenses/LICENSE-2.0
 * Text Domain:          tillbook-for-woocommerce
 * Domain Path:          /languages
 *
 * The Apache License 2.0 is compatible with version 3 of the GNU General Public License, and so
 * with WordPress' "version 2 or later".
 *
 * @package Tillbook
 */

declare( strict_types=1 );

defined( 'ABSPATH' ) || exit;

require_once __DIR__ . '/src/autoload.php';
require_once __DIR__ . '/src/functions.php';

Tillbook\Plugin::boot( __FILE__ );
