<?php
/**
 * Settings are checked before they are sent.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Preview;

use Tillbook\Failure;
use Tillbook\Host\Context;
use Tillbook\Json\Members;

/** Has the module check settings here; the host checks them again. */
final class SettingsCheck {

	public function __construct( private readonly Door $door, private readonly Context $context ) {}

	/**
	 * Refuses settings that the module does not take.
	 *
	 * @param string $body `{"settings":…,"based_on":…}`.
	 * @throws Failure `settings_refused`, with the findings.
	 */
	public function refuse_bad( string $body ): void {
		$settings = Members::of( $body )['settings'] ?? '';
		if ( ! str_starts_with( $settings, '{' ) ) {
			throw new Failure( 'bad_request', __( 'These are no settings.', 'tillbook-for-woocommerce' ), 400 );
		}
		$context = $this->context->kept();
		$parts   = null === $context ? array() : Members::of( $context );
		if ( 'none' === $this->door->kind() || 'null' === ( $parts['chart'] ?? 'null' ) ) {
			return;
		}
		$members = array( '"contract":' . ( $parts['contract'] ?? '1' ), '"settings":' . $settings );
		foreach ( array( 'chart', 'tax_rates', 'gateways' ) as $name ) {
			if ( isset( $parts[ $name ] ) ) {
				$members[] = "\"{$name}\":{$parts[ $name ]}";
			}
		}
		$reply = json_decode( $this->door->call( 'check_settings', '{' . implode( ',', $members ) . '}' ), true );
		if ( ! is_array( $reply ) || true === ( $reply['ok']['ok'] ?? null ) ) {
			return;
		}
		$message = is_string( $reply['error']['message'] ?? null ) ? $reply['error']['message'] : __( 'These settings would not work. What is wrong stands beside them.', 'tillbook-for-woocommerce' );
		throw new Failure( 'settings_refused', $message, 422, array( 'findings' => (array) ( $reply['ok']['findings'] ?? array() ) ) );
	}
}
