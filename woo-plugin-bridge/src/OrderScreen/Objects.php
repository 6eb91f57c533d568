<?php
/**
 * What the host knows of orders.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\OrderScreen;

use Tillbook\Connection\Connection;
use Tillbook\Failure;
use Tillbook\Host\Client;

/** States and documents of orders, as the host gives them. */
final class Objects {

	/** The host answers for no more at once. */
	public const IDS_MAX = 100;

	public function __construct( private readonly Client $client ) {}

	/**
	 * States by order id; an order that the host does not know is not among them.
	 *
	 * @param list<int> $ids          Ids, at most 100.
	 * @param bool      $while_a_page Whether a person waits for a page meanwhile.
	 * @throws Failure When the host does not say.
	 * @return array<int, array{state: string, finding: ?array<string, string>, documents: list<array<string, string>>}>
	 */
	public function states( Connection $connection, array $ids, bool $while_a_page ): array {
		$query = array( 'kind' => 'order', 'ids' => implode( ',', array_slice( $ids, 0, self::IDS_MAX ) ) );
		$reply = $while_a_page
			? $this->client->glance( $connection, 'objects', $query )
			: $this->client->send( $connection, 'GET', 'objects', $query );
		if ( ! $reply->is_success() ) {
			throw $reply->failure();
		}
		$told = $reply->read();
		if ( ! is_array( $told ) || ! is_array( $told['objects'] ?? null ) ) {
			throw Client::nonsense();
		}
		$states = array();
		foreach ( $told['objects'] as $object ) {
			if ( is_array( $object ) && is_numeric( $object['id'] ?? null ) ) {
				$states[ (int) $object['id'] ] = self::read( $object );
			}
		}
		return $states;
	}

	/**
	 * Ids of orders in a state, newest first as far as the host says.
	 *
	 * @throws Failure When the host does not say.
	 * @return list<int>
	 */
	public function ids_in( Connection $connection, string $state, int $count_max ): array {
		$ids   = array();
		$after = null;
		do {
			$query = array( 'state' => $state, 'limit' => '200' );
			if ( null !== $after ) {
				$query['after'] = $after;
			}
			$reply = $this->client->glance( $connection, 'queue', $query );
			$told  = $reply->read();
			if ( ! $reply->is_success() || ! is_array( $told['objects'] ?? null ) ) {
				throw $reply->is_success() ? Client::nonsense() : $reply->failure();
			}
			foreach ( $told['objects'] as $object ) {
				if ( 'order' === ( $object['kind'] ?? null ) && is_numeric( $object['id'] ?? null ) ) {
					$ids[] = (int) $object['id'];
				}
			}
			$before = $after;
			$after  = is_string( $told['next'] ?? null ) && '' !== $told['next'] ? $told['next'] : null;
		} while ( null !== $after && $after !== $before && count( $ids ) < $count_max );
		return array_slice( $ids, 0, $count_max );
	}

	/**
	 * One object, with texts only.
	 *
	 * @param array<string, mixed> $object As the host gives it.
	 * @return array{state: string, finding: ?array<string, string>, documents: list<array<string, string>>}
	 */
	private static function read( array $object ): array {
		$texts     = static fn ( $from, array $names ): array => array_map(
			static fn ( string $name ): string => is_array( $from ) && is_scalar( $from[ $name ] ?? null ) ? (string) $from[ $name ] : '',
			array_combine( $names, $names )
		);
		$documents = array();
		foreach ( (array) ( $object['documents'] ?? array() ) as $document ) {
			$read        = $texts( $document, array( 'kind', 'number', 'sha256', 'url' ) );
			$read['url'] = self::web_address( $read['url'] );
			$documents[] = $read;
		}
		return array(
			'state'     => $texts( $object, array( 'state' ) )['state'] ?: 'none',
			'finding'   => is_array( $object['finding'] ?? null ) ? array_map( array( Words::class, 'sentence' ), $texts( $object['finding'], array( 'message', 'cure' ) ) ) + $texts( $object['finding'], array( 'code' ) ) : null,
			'documents' => $documents,
		);
	}

	/** An address that may stand in a link: one of the web, and never a script. */
	private static function web_address( string $address ): string {
		return preg_match( '~^https?://~i', $address ) ? $address : '';
	}
}
