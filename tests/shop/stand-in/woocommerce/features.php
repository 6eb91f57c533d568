<?php
// Where WooCommerce's own classes for features and orders would be.
namespace Automattic\WooCommerce\Utilities;

/** Keeps what plugins declare. */
class FeaturesUtil {
	public static array $declared = array();

	public static function declare_compatibility( $feature, $file, $positive = true ) {
		self::$declared[ $feature ][] = plugin_basename( $file );
		return true;
	}
}

/** Orders are posts. */
class OrderUtil {
	public static function custom_orders_table_usage_is_enabled() {
		return false;
	}
}
