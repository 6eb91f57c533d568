<?php
/**
 * The module cannot run here.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Core;

/** No way of running the module works on this server. */
final class NotAvailable extends CoreFailure {

	/** `core.not_available`. */
	public function word(): string {
		return 'core.not_available';
	}
}
