<?php
/**
 * Taking JSON apart without reading it.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Json;

/**
 * The members of a JSON object, each as the text that stands there.
 *
 * PHP's own reader would turn amounts into floats and empty objects into lists; what the module is
 * asked must be what was given, digit by digit.
 */
final class Members {

	/**
	 * The members by name; none when the text is no object.
	 *
	 * @return array<string, string>
	 */
	public static function of( string $json ): array {
		$members = array();
		$at      = strspn( $json, " \t\r\n" );
		if ( '{' !== ( $json[ $at ] ?? '' ) || null === json_decode( $json, false, 128 ) ) {
			return array();
		}
		++$at;
		while ( true ) {
			$at += strspn( $json, " \t\r\n,", $at );
			if ( '"' !== ( $json[ $at ] ?? '' ) ) {
				return $members;
			}
			$end  = self::after_string( $json, $at );
			$name = json_decode( substr( $json, $at, $end - $at ) );
			$at   = $end + strspn( $json, " \t\r\n:", $end );
			$end  = self::after_value( $json, $at );
			$members[ (string) $name ] = trim( substr( $json, $at, $end - $at ) );

			$at = $end;
		}
	}

	private static function after_value( string $json, int $at ): int {
		$depth = 0;
		do {
			$at  += strcspn( $json, '"[]{},', $at );
			$sign = $json[ $at ] ?? '';
			if ( '"' === $sign ) {
				$at = self::after_string( $json, $at );
				continue;
			}
			if ( '' === $sign || ( 0 === $depth && ( ',' === $sign || ']' === $sign || '}' === $sign ) ) ) {
				return $at;
			}
			if ( ',' !== $sign ) {
				$depth += '[' === $sign || '{' === $sign ? 1 : -1;
			}
			++$at;
		} while ( true );
	}

	private static function after_string( string $json, int $at ): int {
		++$at;
		while ( true ) {
			$at += strcspn( $json, '"\\', $at );
			if ( '\\' !== ( $json[ $at ] ?? '' ) ) {
				return $at + 1;
			}
			$at += 2;
		}
	}
}
