<?php
/**
 * The accounting core in PHP.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Core;

/**
 * The accounting module, ready to be asked: the same file, and so the same bytes, as in the
 * browser and in the host.
 *
 * `Core::open()` gives the best one that this server can run.
 */
interface Runtime {

	/** Operation and request together may have so many bytes, as in the host. */
	public const REQUEST_BYTES_MAX = 33554432;

	/** A reply may have so many bytes, as in the host. */
	public const RESPONSE_BYTES_MAX = 33554432;

	/**
	 * Runs one operation of the module: JSON text in, JSON text out.
	 *
	 * A refusal of the module, `{"error":{"code","message"}}`, is a reply and no exception.
	 *
	 * @param string $operation For instance `map` or `check_settings`; `describe` lists all.
	 * @param string $json      The request's text.
	 * @throws Trap When the module stopped; the next call starts afresh.
	 */
	public function call( string $operation, string $json ): string;

	/** The SHA-256 of the module, in hex: the same wherever this module runs. */
	public function sha256(): string;

	/** `ffi` for the library, `php` for the module translated to PHP. */
	public function kind(): string;
}
