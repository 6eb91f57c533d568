/**
 * What PHP has no operator for: an i32 is held as 0 … 2^32-1, an i64 as PHP's own integer.
 *
 * What cannot be divided ends as PHP has it, in a DivisionByZeroError or an ArithmeticError; the
 * machine makes a trap of either.
 */
final class Arithmetic {

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
