<?php
/**
 * The Tillbook page.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Admin;

use Tillbook\Capabilities;
use Tillbook\Connection\Connection;
use Tillbook\View;

/** Adds the page under WooCommerce, and a way to it in the list of plugins. */
final class Menu {

	public const SLUG = 'tillbook';

	/** Suffix that WordPress gives the page; empty until it is added. */
	private string $hook_suffix = '';

	public function __construct( private readonly Bundle $bundle, private readonly string $file ) {}

	/** Adds the hooks. */
	public function register(): void {
		add_action( 'admin_menu', array( $this, 'add_page' ), 60 );
		add_action( 'admin_enqueue_scripts', array( $this, 'enqueue' ) );
		add_filter( 'plugin_action_links_' . plugin_basename( $this->file ), array( $this, 'add_link' ) );
	}

	/** Adds the page; WordPress checks the capability. */
	public function add_page(): void {
		$this->hook_suffix = (string) add_submenu_page( 'woocommerce', 'Tillbook', 'Tillbook', Capabilities::VIEW, self::SLUG, array( $this, 'show' ) );
	}

	/**
	 * Loads the bundle on this page only.
	 *
	 * @param mixed $hook_suffix Which page it is.
	 */
	public function enqueue( $hook_suffix ): void {
		if ( '' !== $this->hook_suffix && $hook_suffix === $this->hook_suffix ) {
			$this->bundle->load( null === Connection::current() ? 'connect' : 'overview' );
		}
	}

	/** Shows the page. */
	public function show(): void {
		$connection = Connection::current();
		View::show(
			'page',
			array(
				'has_bundle' => $this->bundle->is_there(),
				'permalinks' => '' !== (string) get_option( 'permalink_structure' ),
				'connected'  => null !== $connection,
				'address'    => null === $connection ? '' : $connection->address,
				'shop'       => null === $connection ? '' : $connection->shop,
				'since'      => null === $connection ? '' : $connection->since,
				'configure'  => current_user_can( Capabilities::CONFIGURE ), // phpcs:ignore WordPress.WP.Capabilities.Unknown
				'notice'     => Forms::take_notice(),
				'action'     => admin_url( 'admin-post.php' ),
			)
		);
	}

	/**
	 * Adds a link in the list of plugins.
	 *
	 * @param mixed $links Links.
	 * @return mixed
	 */
	public function add_link( $links ) {
		if ( is_array( $links ) ) {
			array_unshift( $links, sprintf( '<a href="%s">%s</a>', esc_url( self::address() ), esc_html__( 'Open', 'tillbook-for-woocommerce' ) ) );
		}
		return $links;
	}

	/** The page's address; what comes after `#` chooses what it shows. */
	public static function address( string $hash = '' ): string {
		return admin_url( 'admin.php?page=' . self::SLUG ) . ( '' === $hash ? '' : '#' . $hash );
	}
}
