<?php
// As much of WP-CLI as the plugin calls: what is printed is kept.
class WP_CLI {
	private static array $commands = array();
	private static array $printed  = array();

	public static function add_command( string $name, object $command ): void {
		self::$commands[ $name ] = $command;
	}

	public static function line( string $text ): void {
		self::$printed[] = $text;
	}

	public static function success( string $text ): void {
		self::$printed[] = "success: {$text}";
	}

	public static function warning( string $text ): void {
		self::$printed[] = "warning: {$text}";
	}

	public static function error( string $text ): void {
		// The real one ends the program.
		throw new Exception( "error: {$text}" );
	}

	public static function run( string $what, array $args ): array {
		try {
			self::$commands['tillbook']->$what( $args, array() );
		} catch ( Exception $end ) {
			self::$printed[] = $end->getMessage();
		}
		return self::$printed;
	}
}
