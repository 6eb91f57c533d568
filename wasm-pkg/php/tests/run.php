<?php
/**
 * Runs a translated module: `run.php FOLDER CALLS` makes each call of the file (`name argument …`,
 * or `start` alone for a new instance) and prints its result, or `trap`.
 */

declare( strict_types=1 );

$core = dirname( __DIR__, 3 ) . '/woo-plugin-bridge/src/Core';
require "$core/CoreFailure.php";
require "$core/Trap.php";
const TILLBOOK_CORE = true;
require $argv[1] . '/core.php';

use Tillbook\Core\Translated\Machine;
use Tillbook\Core\Trap;

foreach ( file( $argv[2], FILE_IGNORE_NEW_LINES ) as $line ) {
	$words = explode( ' ', $line );
	if ( 'start' === $words[0] ) {
		Machine::start();
		continue;
	}
	try {
		echo Machine::run( $words[0], ...array_map( 'intval', array_slice( $words, 1 ) ) ) ?? 'done', "\n";
	} catch ( Trap $trap ) {
		echo "trap\n";
		Machine::start();
	}
}
