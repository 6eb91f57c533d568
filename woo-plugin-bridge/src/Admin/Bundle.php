<?php
/**
 * The pages' files.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Admin;

use Tillbook\Capabilities;
use Tillbook\Connection\Connection;
use Tillbook\Plugin;
use Tillbook\Rest\Api;
use Automattic\WooCommerce\Utilities\OrderUtil;

/** Loads the bundle of pages, and writes down what it has to know. No secret is among it. */
final class Bundle {

	private const FOLDER = 'assets/build/';
	private const MODULE = 'tillbook_bg.wasm';

	private bool $loaded = false;

	public function __construct( private readonly string $path, private readonly string $url ) {}

	/** Whether the pages have been built. */
	public function is_there(): bool {
		return is_file( $this->path . self::FOLDER . 'tillbook.js' );
	}

	/** What names the module that browsers get; null when it is not there. */
	public function module_sha256(): ?string {
		$file = $this->path . self::FOLDER . self::MODULE;
		return is_file( $file ) ? (string) hash_file( 'sha256', $file ) : null;
	}

	/**
	 * Loads the bundle at the end of this page.
	 *
	 * @param string   $page     Which page it shows first.
	 * @param int|null $order_id Which order it is about.
	 */
	public function load( string $page, ?int $order_id = null ): void {
		if ( $this->loaded || ! $this->is_there() ) {
			return;
		}
		$this->loaded = true;
		add_action( 'admin_footer', fn () => $this->print_tags( $this->config( $page, $order_id ) ), 5 );
	}

	/**
	 * What the pages read.
	 *
	 * @return array<string, mixed>
	 */
	public function config( string $page, ?int $order_id ): array {
		$connection = Connection::current();
		return array(
			'base'    => rest_url( Api::NAMESPACE . '/' ),
			'nonce'   => wp_create_nonce( 'wp_rest' ),
			'where'   => 'wordpress',
			'shop'    => null === $connection ? '' : $connection->shop,
			'page'    => $page,
			'order'   => $order_id,
			'can'     => array(
				'view'      => current_user_can( Capabilities::VIEW ), // phpcs:ignore WordPress.WP.Capabilities.Unknown
				'operate'   => current_user_can( Capabilities::OPERATE ), // phpcs:ignore WordPress.WP.Capabilities.Unknown
				'configure' => current_user_can( Capabilities::CONFIGURE ), // phpcs:ignore WordPress.WP.Capabilities.Unknown
			),
			'locale'  => get_user_locale(),
			'assets'  => array(
				'module' => $this->versioned( self::FOLDER . self::MODULE ),
				'worker' => $this->versioned( self::FOLDER . 'worker.js' ),
				'css'    => $this->versioned( self::FOLDER . 'tillbook.css' ),
			),
			'links'   => array( 'order' => self::order_link(), 'app' => Menu::address() ),
			'version' => Plugin::VERSION,
		);
	}

	/** The address of a file of ours: it changes when the file does. */
	public function versioned( string $file ): string {
		$there = $this->path . $file;
		return $this->url . $file . ( is_file( $there ) ? '?ver=' . substr( (string) hash_file( 'sha256', $there ), 0, 16 ) : '' );
	}

	/**
	 * The tags. A module script runs after the document, in the order in which they stand.
	 *
	 * @param array<string, mixed> $config What the pages read.
	 */
	private function print_tags( array $config ): void {
		$json = wp_json_encode( $config, JSON_HEX_TAG | JSON_HEX_AMP | JSON_UNESCAPED_SLASHES );
		wp_print_inline_script_tag( (string) $json, array( 'type' => 'application/json', 'id' => 'tillbook-config' ) );
		wp_print_script_tag( array( 'type' => 'module', 'src' => esc_url( $this->versioned( self::FOLDER . 'tillbook.js' ) ) ) );
	}

	private static function order_link(): string {
		return OrderUtil::custom_orders_table_usage_is_enabled()
			? admin_url( 'admin.php?page=wc-orders&action=edit&id={id}' )
			: admin_url( 'post.php?post={id}&action=edit' );
	}
}
