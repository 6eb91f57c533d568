<?php
/**
 * How the plugin hangs together.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook;

use Tillbook\Admin\Bundle;
use Tillbook\Admin\Forms;
use Tillbook\Admin\Menu;
use Tillbook\Admin\SettingsSection;
use Tillbook\Connection\OwnNetwork;
use Tillbook\Connection\Pairing;
use Tillbook\Email\PreviewInEmail;
use Tillbook\Events\Recorder;
use Tillbook\Events\Sender;
use Tillbook\Host\Client;
use Tillbook\Host\Context;
use Tillbook\OrderScreen\Actions;
use Tillbook\OrderScreen\Box;
use Tillbook\OrderScreen\BulkActions;
use Tillbook\OrderScreen\ListColumn;
use Tillbook\OrderScreen\ListFilter;
use Tillbook\OrderScreen\Notes;
use Tillbook\OrderScreen\Objects;
use Tillbook\Preview\Door;
use Tillbook\Preview\Previews;
use Tillbook\Preview\SettingsCheck;
use Tillbook\Rest\Api;
use Tillbook\Rest\Own;
use Tillbook\Rest\Proxy;
use Tillbook\Rest\Setup;
use Tillbook\Shop\Orders;
use Tillbook\Shop\Sales;

/** Makes the plugin's parts and gives each what it uses. */
final class Plugin {

	public const VERSION = '0.1.0';

	private static ?self $instance = null;

	private readonly Client $client;
	private readonly Context $context;
	private readonly Door $door;
	private readonly Sales $sales;
	private readonly Previews $previews;
	private readonly Objects $objects;
	private readonly Bundle $bundle;
	private readonly Pairing $pairing;

	private function __construct( private readonly string $file ) {
		$this->client   = new Client();
		$this->context  = new Context( $this->client );
		$this->door     = new Door();
		$this->sales    = new Sales();
		$this->previews = new Previews( $this->door, $this->context, $this->sales );
		$this->objects  = new Objects( $this->client );
		$this->bundle   = new Bundle( plugin_dir_path( $file ), plugin_dir_url( $file ) );
		$this->pairing  = new Pairing( $this->client, $this->context );
	}

	/** Begins, as soon as all plugins are loaded. */
	public static function boot( string $file ): void {
		self::$instance = new self( $file );
		add_action( 'before_woocommerce_init', array( self::$instance, 'declare_compatibility' ) );
		add_action( 'plugins_loaded', array( self::$instance, 'start' ) );
		register_deactivation_hook( $file, array( Schedule::class, 'nothing' ) );
	}

	/** The one there is. */
	public static function instance(): self {
		return self::$instance ?? throw new Failure( 'not_started', 'Tillbook has not been loaded.', 500 );
	}

	/** Tells WooCommerce that orders may be stored either way, and that the checkout is not touched. */
	public function declare_compatibility(): void {
		if ( class_exists( \Automattic\WooCommerce\Utilities\FeaturesUtil::class ) ) {
			foreach ( array( 'custom_order_tables', 'cart_checkout_blocks' ) as $feature ) {
				\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( $feature, $this->file, true );
			}
		}
	}

	/** Adds every hook, if what is needed is there. */
	public function start(): void {
		add_action( 'init', array( $this, 'load_words' ), 1 );
		$missing = Requirements::missing();
		if ( array() !== $missing ) {
			Requirements::tell( $missing );
			return;
		}
		add_action( 'admin_init', array( Capabilities::class, 'give' ), 1 );
		( new OwnNetwork() )->register();
		( new Recorder() )->register();
		( new Sender( $this->client ) )->register();
		( new Tending( $this->client, $this->context, $this->notes() ) )->register();
		( new PreviewInEmail( $this->previews ) )->register();
		$this->start_api();
		if ( is_admin() ) {
			$this->start_admin();
		}
		if ( defined( 'WP_CLI' ) && WP_CLI ) {
			$this->start_cli();
		}
	}

	/** Loads translations; WordPress looks into its own folder first. */
	public function load_words(): void {
		load_plugin_textdomain( 'tillbook-for-woocommerce', false, dirname( plugin_basename( $this->file ) ) . '/languages' );
	}

	/** Previews for other parts and plugins. */
	public function previews(): Previews {
		return $this->previews;
	}

	/** The pages' files. */
	public function bundle(): Bundle {
		return $this->bundle;
	}

	/** Notes on orders. */
	public function notes(): Notes {
		return new Notes( $this->client, $this->objects );
	}

	private function start_api(): void {
		$own   = new Own( $this->client, $this->context, new Orders(), $this->sales, $this->door );
		$proxy = new Proxy( $this->client, $this->context, new SettingsCheck( $this->door, $this->context ) );
		( new Api( $own, new Setup( $this->pairing, $this->client, $own ), $proxy ) )->register();
	}

	private function start_cli(): void {
		( new Cli\Command( $this->client, $this->context, $this->door, $this->previews ) )->register();
	}

	private function start_admin(): void {
		( new Menu( $this->bundle, $this->file ) )->register();
		( new Forms( $this->pairing ) )->register();
		( new SettingsSection() )->register();
		$actions = new Actions( $this->client );
		$actions->register();
		( new Box( $this->objects, $this->previews, $this->bundle ) )->register();
		( new ListColumn( $this->bundle ) )->register();
		( new ListFilter( $this->objects ) )->register();
		( new BulkActions( $actions ) )->register();
	}
}
