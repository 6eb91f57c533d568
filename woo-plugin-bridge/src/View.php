<?php
/**
 * Templates.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook;

/** Shows a template of `views/`, which only escapes and echoes. */
final class View {

	/**
	 * Shows a template.
	 *
	 * @param string               $name Its name without ending.
	 * @param array<string, mixed> $data What it reads, as `$data`.
	 */
	public static function show( string $name, array $data = array() ): void {
		( static function ( string $tillbook_file, array $data ): void {
			require $tillbook_file;
		} )( dirname( __DIR__ ) . "/views/{$name}.php", $data );
	}
}
