/**
 * The runtime of the translated module: its memory, its globals, and what PHP has no operator for.
 *
 * An i32 is held as 0 … 2^32-1, an i64 as PHP's own integer; memory is a packed array of 32-bit
 * words. There is one instance at a time; `start` makes a new one.
 */
final class Machine {

	/** SHA-256 of the module that this was translated from. */
	public const SHA256 = '@SHA256@';

	/** Bytes of memory that an instance may have, as in the host's sandbox. */
	public const MEMORY_BYTES_MAX = 134217728;

	/** Bytes that PHP spends on a word of memory. */
	private const WORD_COST = 16;

	/** What PHP must have left besides, in bytes. */
	private const RESERVE = 4194304;

	/** Exported functions by name: class and method. */
	private const EXPORTS = array(@EXPORTS@);

	/** Functions of the glue that the module names; none of them is there. */
	private const IMPORTS = array(@IMPORTS@);

	/** Table entries by type and index. */
	private const ENTRIES = array(@ENTRIES@);

	/** @var array<int, int> Words of memory. */
	private static $memory = array();
@PROPERTIES@
	/** Makes a new instance. */
	public static function start(): void {
		self::$memory = array();
		self::afford( @WORDS@ );
		$m = \array_fill( 0, @WORDS@, 0 );
		foreach ( @RUNS@ as $at => $text ) {
			// Two words at a time: half as many numbers to take apart.
			foreach ( \unpack( 'P*', \base64_decode( $text ) ) as $pair ) {
				$m[ $at++ ] = $pair & 0xFFFFFFFF;
				$m[ $at++ ] = $pair >> 32 & 0xFFFFFFFF;
			}
		}
		self::$memory = $m;
@RESET@	}

	/** Drops the instance; `start` makes a new one. */
	public static function stop(): void {
		self::$memory = array();
	}

	/** Bytes of memory that the instance has. */
	public static function bytes(): int {
		return \count( self::$memory ) << 2;
	}

	/** Whether the module exports this function. */
	public static function has( string $name ): bool {
		return isset( self::EXPORTS[ $name ] );
	}

	/**
	 * Calls an exported function; whatever stops it is a Trap.
	 *
	 * @param int ...$arguments Numbers as the module takes them: i32 unsigned, i64 signed.
	 * @return int|null Its result, where it has one.
	 */
	public static function run( string $name, int ...$arguments ): ?int {
		if ( ! isset( self::EXPORTS[ $name ] ) ) {
			throw new Trap( "the module exports no function `$name`" );
		}
		// PHP complains of a word that is not there: that is an access beyond the end.
		\set_error_handler(
			static function ( int $level, string $message ): bool {
				throw new Trap( 'memory access beyond the end: ' . $message );
			}
		);
		try {
			[ $class, $method ] = self::EXPORTS[ $name ];
			return ( __NAMESPACE__ . '\\' . $class )::$method( self::$memory, ...$arguments );
		} catch ( \DivisionByZeroError $error ) {
			throw new Trap( 'division by zero', 0, $error );
		} catch ( \ArithmeticError $error ) {
			throw new Trap( 'a quotient that does not fit', 0, $error );
		} catch ( \Error $error ) {
			throw new Trap( 'PHP stopped: ' . $error->getMessage(), 0, $error );
		} finally {
			\restore_error_handler();
		}
	}

	/** Bytes of memory, as a text. */
	public static function read( int $at, int $length ): string {
		if ( $at < 0 || $length < 0 || $at + $length > \count( self::$memory ) << 2 ) {
			throw new Trap( "$length bytes at $at are not there" );
		}
		$text  = '';
		$first = $at >> 2;
		$end   = ( $at + $length + 3 ) >> 2;
		for ( $word = $first; $word < $end; $word += 4096 ) {
			$text .= \pack( 'V*', ...\array_slice( self::$memory, $word, \min( 4096, $end - $word ) ) );
		}
		return \substr( $text, $at & 3, $length );
	}

	/** Writes a text to memory. */
	public static function write( int $at, string $text ): void {
		$length = \strlen( $text );
		if ( $at < 0 || $at + $length > \count( self::$memory ) << 2 ) {
			throw new Trap( "$length bytes at $at are not there" );
		}
		$m    = &self::$memory;
		$done = \min( $length, -$at & 3 );
		for ( $i = 0; $i < $done; $i++ ) {
			self::store8( $m, $at + $i, \ord( $text[ $i ] ) );
		}
		for ( ; $done + 4 <= $length; $done += $part ) {
			$part = \min( 65536, $length - $done ) & ~3;
			$word = ( $at + $done ) >> 2;
			foreach ( \unpack( 'V*', \substr( $text, $done, $part ) ) as $value ) {
				$m[ $word++ ] = $value;
			}
		}
		for ( ; $done < $length; $done++ ) {
			self::store8( $m, $at + $done, \ord( $text[ $done ] ) );
		}
	}

	public static function unreachable(): Trap {
		return new Trap( 'unreachable code was reached' );
	}

	public static function exhausted(): Trap {
		return new Trap( 'the stack is exhausted' );
	}

	/** A function of the glue: there is no JavaScript here. */
	public static function import( int $number ): int {
		throw new Trap( 'the module called the glue: ' . self::IMPORTS[ $number ] );
	}

	/** The function at a place of the table, if it has this type; remembered for the next call. */
	public static function entry( int $type, int $index ): \Closure {
		if ( ! isset( self::ENTRIES[ $type ][ $index ] ) ) {
			throw new Trap( "no function of the right type at place $index of the table" );
		}
		$target = self::ENTRIES[ $type ][ $index ];
		if ( \is_int( $target ) ) {
			self::import( $target );
		}
		$function = \Closure::fromCallable( array( __NAMESPACE__ . '\\' . $target[0], $target[1] ) );
		switch ( $type ) {
@TABLES@		}
		return $function;
	}

	public static function grow( array &$m, int $pages ): int {
		$old = \count( $m ) >> 14;
		if ( ( $old + $pages ) << 16 > self::MEMORY_BYTES_MAX ) {
			throw new Trap( 'the module wanted more than ' . self::MEMORY_BYTES_MAX . ' bytes of memory', Trap::OUT_OF_MEMORY );
		}
		if ( $old + $pages > @PAGES_MAX@ ) {
			return 0xFFFFFFFF;
		}
		self::afford( ( $old + $pages ) << 14 );
		for ( $words = $pages << 14; $words > 0; --$words ) {
			$m[] = 0;
		}
		return $old;
	}

	/** PHP ends the whole request when its own limit is reached: so it is asked before. */
	private static function afford( int $words ): void {
		$limit = self::limit();
		if ( $limit <= 0 ) {
			return;
		}
		$capacity = 8;
		while ( $capacity < $words ) {
			$capacity <<= 1;
		}
		if ( \memory_get_usage() + $capacity * self::WORD_COST + self::RESERVE > $limit ) {
			throw new Trap( 'PHP is not allowed the memory that the module needs (memory_limit)', Trap::OUT_OF_MEMORY );
		}
	}

	/** PHP's memory_limit in bytes; 0 where there is none. */
	private static function limit(): int {
		$limit = (string) \ini_get( 'memory_limit' );
		$unit  = \array_search( \strtolower( \substr( $limit, -1 ) ), array( 1 => 'k', 2 => 'm', 3 => 'g' ), true );
		return \max( 0, (int) $limit ) << 10 * (int) $unit;
	}

	public static function load8( array &$m, int $p ): int {
		return $m[ $p >> 2 ] >> ( ( $p & 3 ) << 3 ) & 255;
	}

	public static function load16( &$m, $p ): int {
		return self::load8( $m, $p ) | self::load8( $m, $p + 1 ) << 8;
	}

	public static function load32( &$m, $p ): int {
		$w = $p >> 2;
		$s = ( $p & 3 ) << 3;
		return 0 === $s ? $m[ $w ] : ( $m[ $w ] >> $s | $m[ $w + 1 ] << ( 32 - $s ) ) & 0xFFFFFFFF;
	}

	public static function load64( &$m, $p ): int {
		return self::load32( $m, $p ) | self::load32( $m, $p + 4 ) << 32;
	}

	public static function store8( array &$m, int $p, int $v ): void {
		$w       = $p >> 2;
		$s       = ( $p & 3 ) << 3;
		$m[ $w ] = $m[ $w ] & ~( 255 << $s ) | ( $v & 255 ) << $s;
	}

	public static function store16( &$m, $p, $v ): void {
		self::within( $m, $p, 2 );
		self::store8( $m, $p, $v );
		self::store8( $m, $p + 1, $v >> 8 );
	}

	public static function store32( &$m, $p, $v ): void {
		self::within( $m, $p, 4 );
		$w = $p >> 2;
		$s = ( $p & 3 ) << 3;
		if ( 0 === $s ) {
			$m[ $w ] = $v;
			return;
		}
		$m[ $w ]     = $m[ $w ] & ( 1 << $s ) - 1 | $v << $s & 0xFFFFFFFF;
		$m[ $w + 1 ] = $m[ $w + 1 ] & ~( ( 1 << $s ) - 1 ) | $v >> ( 32 - $s );
	}

	public static function store64( &$m, $p, $v ): void {
		self::within( $m, $p, 8 );
		self::store32( $m, $p, $v & 0xFFFFFFFF );
		self::store32( $m, $p + 4, $v >> 32 & 0xFFFFFFFF );
	}

	/** A write that would pass the end writes nothing. */
	private static function within( array &$m, int $p, int $bytes ): void {
		if ( $p + $bytes > \count( $m ) << 2 ) {
			throw new Trap( "memory access beyond the end: $bytes bytes at $p" );
		}
	}

	/**
	 * Copies a stretch, which may overlap: by words as far as the place that is written to has
	 * whole ones.
	 *
	 * @param array<int, int> $m Words of memory.
	 */
	public static function copy( &$m, $to, $from, $length ): void {
		$size = \count( $m ) << 2;
		if ( $to + $length > $size || $from + $length > $size ) {
			throw new Trap( "memory access beyond the end: $length bytes from $from to $to" );
		}
		if ( $to > $from && $to < $from + $length ) {
			self::copy_back( $m, $to, $from, $length );
			return;
		}
		$end = $to + $length;
		while ( $to & 3 && $to < $end ) {
			$s     = ( $to & 3 ) << 3;
			$w     = $to++ >> 2;
			$m[$w] = $m[$w] & ~( 255 << $s ) | ( $m[ $from >> 2 ] >> ( ( $from++ & 3 ) << 3 ) & 255 ) << $s;
		}
		$words = ( $end - $to ) >> 2;
		if ( $words > 0 ) {
			$w = $to >> 2;
			$f = $from >> 2;
			$s = ( $from & 3 ) << 3;
			$to   += $words << 2;
			$from += $words << 2;
			if ( 0 === $s ) {
				for ( ; $words > 3; $words -= 4 ) {
					$m[ $w ]     = $m[ $f ];
					$m[ $w + 1 ] = $m[ $f + 1 ];
					$m[ $w + 2 ] = $m[ $f + 2 ];
					$m[ $w + 3 ] = $m[ $f + 3 ];
					$w          += 4;
					$f          += 4;
				}
				for ( ; $words > 0; --$words ) {
					$m[ $w++ ] = $m[ $f++ ];
				}
			} else {
				$back = 32 - $s;
				$low  = $m[ $f ] >> $s;
				for ( ; $words > 0; --$words ) {
					$high      = $m[ ++$f ];
					$m[ $w++ ] = ( $low | $high << $back ) & 0xFFFFFFFF;
					$low       = $high >> $s;
				}
			}
		}
		while ( $to < $end ) {
			$s     = ( $to & 3 ) << 3;
			$w     = $to++ >> 2;
			$m[$w] = $m[$w] & ~( 255 << $s ) | ( $m[ $from >> 2 ] >> ( ( $from++ & 3 ) << 3 ) & 255 ) << $s;
		}
	}

	/** The same from the end, for a stretch that is moved up onto itself. */
	private static function copy_back( array &$m, int $to, int $from, int $length ): void {
		if ( 0 === ( ( $to | $from | $length ) & 3 ) ) {
			$w = ( $to + $length ) >> 2;
			$f = ( $from + $length ) >> 2;
			for ( $length >>= 2; $length > 0; --$length ) {
				$m[ --$w ] = $m[ --$f ];
			}
			return;
		}
		if ( $length > 64 ) {
			self::write( $to, self::read( $from, $length ) );
			return;
		}
		for ( $i = $length - 1; $i >= 0; $i-- ) {
			self::store8( $m, $to + $i, self::load8( $m, $from + $i ) );
		}
	}

	public static function fill( &$m, $at, $value, $length ): void {
		self::within( $m, $at, $length );
		$end = $at + $length;
		while ( $at < $end && 0 !== ( $at & 3 ) ) {
			self::store8( $m, $at++, $value );
		}
		$word = ( $value & 255 ) * 0x01010101;
		for ( $w = $at >> 2, $words = ( $end - $at ) >> 2; $words > 0; --$words ) {
			$m[ $w++ ] = $word;
		}
		for ( $at = \max( $at, $end & ~3 ); $at < $end; $at++ ) {
			self::store8( $m, $at, $value );
		}
	}

	public static function mul32( int $a, int $b ): int {
		return ( ( ( $a >> 16 ) * $b & 0xFFFF ) << 16 ) + ( $a & 0xFFFF ) * $b & 0xFFFFFFFF;
	}

	/** Both as signed numbers of 32 bits. */
	public static function div32s( int $a, int $b ): int {
		if ( -1 === $b && -0x80000000 === $a ) {
			throw new \ArithmeticError();
		}
		return \intdiv( $a, $b );
	}

	public static function rem32s( int $a, int $b ): int {
		return $a % $b;
	}

	public static function rotl32( int $a, int $n ): int {
		$n &= 31;
		return ( $a << $n | $a >> ( 32 - $n ) ) & 0xFFFFFFFF;
	}

	public static function rotr32( int $a, int $n ): int {
		return self::rotl32( $a, 32 - ( $n & 31 ) );
	}

	public static function add64( int $a, int $b ): int {
		$low = ( $a & 0xFFFFFFFF ) + ( $b & 0xFFFFFFFF );
		return ( $a >> 32 ) + ( $b >> 32 ) + ( $low >> 32 ) << 32 | $low & 0xFFFFFFFF;
	}

	public static function sub64( int $a, int $b ): int {
		$low = ( $a & 0xFFFFFFFF ) - ( $b & 0xFFFFFFFF );
		return ( $a >> 32 ) - ( $b >> 32 ) + ( $low >> 32 ) << 32 | $low & 0xFFFFFFFF;
	}

	public static function mul64( int $a, int $b ): int {
		$product = $a * $b;
		if ( \is_int( $product ) ) {
			return $product;
		}
		$a0 = $a & 0xFFFF;
		$a1 = $a >> 16 & 0xFFFF;
		$ah = $a >> 32 & 0xFFFFFFFF;
		$bl = $b & 0xFFFFFFFF;
		$bh = $b >> 32 & 0xFFFFFFFF;
		// The lower halves make 64 bits: in three parts, none of which passes PHP's integers.
		$x    = $a0 * $bl;
		$y    = $a1 * $bl + ( $x >> 16 );
		$low  = ( $y & 0xFFFF ) << 16 | $x & 0xFFFF;
		$high = ( $y >> 16 ) + self::mul32( $a & 0xFFFFFFFF, $bh ) + self::mul32( $ah, $bl );
		return $high << 32 | $low;
	}

	public static function div64u( int $a, int $b ): int {
		if ( 0 === $b ) {
			throw new \DivisionByZeroError();
		}
		if ( $b < 0 ) {
			return ( $a ^ \PHP_INT_MIN ) >= ( $b ^ \PHP_INT_MIN ) ? 1 : 0;
		}
		if ( $a >= 0 ) {
			return \intdiv( $a, $b );
		}
		$quotient = \intdiv( $a >> 1 & \PHP_INT_MAX, $b ) << 1;
		$rest     = self::sub64( $a, self::mul64( $quotient, $b ) );
		return ( $rest ^ \PHP_INT_MIN ) >= ( $b ^ \PHP_INT_MIN ) ? $quotient + 1 : $quotient;
	}

	public static function rem64u( int $a, int $b ): int {
		if ( $a >= 0 && $b > 0 ) {
			return $a % $b;
		}
		return self::sub64( $a, self::mul64( self::div64u( $a, $b ), $b ) );
	}

	public static function shr64u( int $a, int $n ): int {
		$n &= 63;
		return 0 === $n ? $a : $a >> $n & ( \PHP_INT_MAX >> ( $n - 1 ) );
	}

	public static function rotl64( int $a, int $n ): int {
		$n &= 63;
		return 0 === $n ? $a : $a << $n | self::shr64u( $a, 64 - $n );
	}

	public static function rotr64( int $a, int $n ): int {
		return self::rotl64( $a, 64 - ( $n & 63 ) );
	}

	public static function clz64( int $a ): int {
		return $a < 0 ? 0 : self::clz32( $a >> 32 & 0xFFFFFFFF ) + ( $a >> 32 ? 0 : self::clz32( $a & 0xFFFFFFFF ) );
	}

	public static function clz32( int $a ): int {
		if ( 0 === $a ) {
			return 32;
		}
		$n = 0;
		foreach ( array( 16, 8, 4, 2, 1 ) as $step ) {
			if ( 0 === $a >> ( 32 - $step - $n ) ) {
				$n += $step;
			}
		}
		return $n;
	}

	public static function ctz32( int $a ): int {
		return 0 === $a ? 32 : 31 - self::clz32( $a & -$a );
	}

	public static function ctz64( int $a ): int {
		$low = $a & 0xFFFFFFFF;
		return 0 === $low ? 32 + self::ctz32( $a >> 32 & 0xFFFFFFFF ) : self::ctz32( $low );
	}

	public static function popcnt( int $a ): int {
		return \substr_count( \decbin( $a ), '1' );
	}
}
