<?php
/**
 * What is passed on to the host.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Rest;

use Tillbook\Capabilities;

/** The list of what pages may ask the host through this shop; nothing else is passed on. */
final class Routes {

	private const KIND = '(?:order|product|customer)';
	private const SHA  = '[0-9a-f]{6,64}';

	/**
	 * Method, pattern below `tillbook/v1/`, capability, query words, seconds of patience.
	 *
	 * @return list<array{string, string, string, list<string>, int}>
	 */
	public static function all(): array {
		$object = 'objects/' . self::KIND . '/[0-9]{1,20}';
		$view   = Capabilities::VIEW;
		$work   = Capabilities::OPERATE;
		$set    = Capabilities::CONFIGURE;
		return array(
			array( 'GET', 'queue', $view, array( 'state', 'id', 'kind', 'limit', 'after', 'cursor' ), 10 ),
			array( 'GET', 'queue/counts', $view, array(), 10 ),
			array( 'GET', 'held', $view, array( 'limit' ), 10 ),
			array( 'GET', 'objects', $view, array( 'kind', 'ids' ), 10 ),
			array( 'GET', $object, $view, array( 'limit' ), 10 ),
			array( 'GET', 'plans/' . self::SHA, $view, array(), 20 ),
			array( 'GET', 'completeness', $view, array( 'month' ), 20 ),
			array( 'GET', 'log', $view, array( 'before', 'limit' ), 10 ),
			array( 'GET', 'matching/(?:customers|products)', $view, array( 'state', 'search', 'page', 'per_page', 'limit', 'after', 'cursor' ), 30 ),
			array( 'GET', 'matching/(?:customers|products)/ledger', $view, array( 'search', 'limit' ), 30 ),
			array( 'GET', 'payouts', $view, array( 'from', 'to', 'limit' ), 60 ),
			array( 'GET', 'xero/organisations', $view, array(), 20 ),
			array( 'POST', 'pause', $work, array(), 10 ),
			array( 'POST', 'resume', $work, array(), 10 ),
			array( 'POST', 'sync', $work, array(), 10 ),
			array( 'POST', $object . '/(?:retry|exclude|include|push)', $work, array(), 10 ),
			array( 'POST', 'plans', $work, array(), 60 ),
			array( 'POST', 'plans/' . self::SHA . '/apply', $work, array(), 30 ),
			array( 'PUT', 'settings', $set, array(), 30 ),
			array( 'POST', 'activate', $set, array(), 30 ),
			array( 'POST', 'xero/custom', $set, array(), 30 ),
			array( 'POST', 'xero/consent', $set, array(), 20 ),
			array( 'POST', 'xero/organisation', $set, array(), 30 ),
			array( 'POST', 'matching/(?:customers|products)', $set, array(), 30 ),
		);
	}
}
