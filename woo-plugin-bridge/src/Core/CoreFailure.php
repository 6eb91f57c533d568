<?php
/**
 * What can go wrong with the accounting core.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Core;

/** The one kind of exception that leaves this namespace. */
abstract class CoreFailure extends \RuntimeException {

	/** A word for programs that does not change: `core.trap`, `core.not_available` and so on. */
	abstract public function word(): string;
}
