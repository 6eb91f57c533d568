<?php
/**
 * What is chosen in WooCommerce's settings.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Admin;

use Tillbook\Email\PreviewInEmail;
use Tillbook\OrderScreen\Notes;

/** A section of WooCommerce → Settings → Advanced, for what concerns this shop and not the books. */
final class SettingsSection {

	private const SECTION = 'tillbook';

	/** Adds the hooks. */
	public function register(): void {
		add_filter( 'woocommerce_get_sections_advanced', array( $this, 'add_section' ) );
		add_filter( 'woocommerce_get_settings_advanced', array( $this, 'settings' ), 10, 2 );
	}

	/**
	 * Adds the section.
	 *
	 * @param mixed $sections Sections.
	 * @return mixed
	 */
	public function add_section( $sections ) {
		if ( is_array( $sections ) ) {
			$sections[ self::SECTION ] = 'Tillbook';
		}
		return $sections;
	}

	/**
	 * The settings of the section; WooCommerce shows and saves them.
	 *
	 * @param mixed $settings Settings.
	 * @param mixed $section  Which section is shown.
	 * @return mixed
	 */
	public function settings( $settings, $section = '' ) {
		if ( self::SECTION !== $section ) {
			return $settings;
		}
		return array(
			array(
				'id'    => 'tillbook_section',
				'type'  => 'title',
				'title' => 'Tillbook',
				/* translators: %s: address of the Tillbook page */
				'desc'  => sprintf( __( 'What goes to Xero, and how, is chosen on the <a href="%s">Tillbook page</a>.', 'tillbook-for-woocommerce' ), esc_url( Menu::address( '/settings' ) ) ),
			),
			array(
				'id'       => Notes::OPTION,
				'type'     => 'checkbox',
				'title'    => __( 'Order notes', 'tillbook-for-woocommerce' ),
				'desc'     => __( 'Write a note on the order when its invoice is in Xero, or when it needs you', 'tillbook-for-woocommerce' ),
				'default'  => 'yes',
				'autoload' => false,
			),
			array(
				'id'       => PreviewInEmail::OPTION,
				'type'     => 'checkbox',
				'title'    => __( 'E-mails', 'tillbook-for-woocommerce' ),
				'desc'     => __( 'Show the Xero invoice in the e-mails about orders that go to you, the shop\'s owner', 'tillbook-for-woocommerce' ),
				'default'  => 'no',
				'autoload' => false,
			),
			array( 'id' => 'tillbook_section', 'type' => 'sectionend' ),
		);
	}
}
