<?php
/**
 * Notes on orders.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\OrderScreen;

use Tillbook\Connection\Connection;
use Tillbook\Failure;
use Tillbook\Host\Client;

/**
 * Writes a note on an order when its invoice was made, or when it is held.
 *
 * A note is a comment: it does not change the order, so WooCommerce tells the host nothing of it.
 * Whatever changes an order, such as a meta of ours, would be told, looked at, noted and told again.
 * What was noted last therefore stands with the note itself.
 */
final class Notes {

	public const OPTION = 'tillbook_order_notes';
	private const MARK  = 'tillbook_log_mark';
	private const META  = 'tillbook_noted';
	/** Pages of the log in one run; what is older is not noted. */
	private const PAGES_MAX = 5;

	public function __construct( private readonly Client $client, private readonly Objects $objects ) {}

	/**
	 * Notes what has happened since the last time.
	 *
	 * @throws Failure When the host does not say.
	 */
	public function catch_up( Connection $connection ): void {
		$mark = (string) get_option( self::MARK );
		$ids  = array();
		$new  = $mark;
		$page = array( 'limit' => '100' );
		for ( $pages = 0; $pages < self::PAGES_MAX; $pages++ ) {
			$reply = $this->client->send( $connection, 'GET', 'log', $page );
			$told  = $reply->read();
			if ( ! $reply->is_success() || ! is_array( $told['entries'] ?? null ) ) {
				throw $reply->is_success() ? Client::nonsense() : $reply->failure();
			}
			$past = false;
			foreach ( $told['entries'] as $entry ) {
				$at   = is_string( $entry['at'] ?? null ) ? $entry['at'] : '';
				$new  = max( $new, $at );
				$past = $past || $at <= $mark;
				if ( ! $past && 'order' === ( $entry['kind'] ?? null ) && is_numeric( $entry['id'] ?? null ) ) {
					$ids[ (int) $entry['id'] ] = true;
				}
			}
			$next = $told['next'] ?? null;
			if ( $past || '' === $mark || ! is_scalar( $next ) || '' === (string) $next ) {
				break;
			}
			$page['before'] = (string) $next;
		}
		// What lies before the connection is no news.
		if ( '' !== $mark && 'no' !== get_option( self::OPTION ) ) {
			foreach ( array_chunk( array_keys( $ids ), Objects::IDS_MAX ) as $chunk ) {
				foreach ( $this->objects->states( $connection, $chunk, false ) as $id => $object ) {
					$this->note( $id, $object );
				}
			}
		}
		update_option( self::MARK, '' === $new ? gmdate( 'Y-m-d\TH:i:s\Z' ) : $new, false );
	}

	/**
	 * Writes a note, unless the last one says the same.
	 *
	 * @param array{state: string, finding: ?array<string, string>, documents: list<array<string, string>>} $object The order's state.
	 */
	public function note( int $order_id, array $object ): void {
		$text  = $this->text( $object );
		$order = '' === $text ? null : wc_get_order( $order_id );
		if ( ! $order instanceof \WC_Order ) {
			return;
		}
		$mark = hash( 'sha256', $text );
		if ( $this->last_mark( $order_id ) === $mark ) {
			return;
		}
		$note_id = (int) $order->add_order_note( $text );
		if ( $note_id > 0 ) {
			add_comment_meta( $note_id, self::META, $mark, true );
		}
	}

	/**
	 * What the note says; nothing where there is nothing to say. WooCommerce shows notes as HTML.
	 *
	 * @param array{state: string, finding: ?array<string, string>, documents: list<array<string, string>>} $object The order's state.
	 */
	private function text( array $object ): string {
		if ( 'held' === $object['state'] ) {
			$finding = $object['finding'] ?? array( 'message' => '', 'cure' => '' );
			/* translators: 1: what is wrong, 2: what would cure it */
			return trim( sprintf( __( 'Tillbook has not sent this order to Xero: %1$s %2$s', 'tillbook-for-woocommerce' ), esc_html( $finding['message'] ), esc_html( $finding['cure'] ) ) );
		}
		if ( 'done' !== $object['state'] || array() === $object['documents'] ) {
			return '';
		}
		$named = array();
		foreach ( $object['documents'] as $document ) {
			$name    = Words::document( $document['kind'] ) . ' ' . esc_html( $document['number'] );
			$named[] = '' === $document['url'] ? $name : sprintf( '<a href="%s">%s</a>', esc_url( $document['url'] ), $name );
		}
		/* translators: %s: documents, such as "Invoice WC-77" */
		return sprintf( __( 'In Xero: %s.', 'tillbook-for-woocommerce' ), implode( ', ', $named ) );
	}

	private function last_mark( int $order_id ): string {
		// WooCommerce keeps order notes out of everybody's lists of comments.
		remove_filter( 'comments_clauses', array( 'WC_Comments', 'exclude_order_comments' ) );
		$notes = get_comments( array( 'post_id' => $order_id, 'type' => 'order_note', 'meta_key' => self::META, 'orderby' => 'comment_ID', 'order' => 'DESC', 'number' => 1 ) ); // phpcs:ignore WordPress.DB.SlowDBQuery
		add_filter( 'comments_clauses', array( 'WC_Comments', 'exclude_order_comments' ) );
		$last = is_array( $notes ) ? reset( $notes ) : false;
		return $last instanceof \WP_Comment ? (string) get_comment_meta( (int) $last->comment_ID, self::META, true ) : '';
	}
}
