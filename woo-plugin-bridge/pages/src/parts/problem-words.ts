/** Errors in a shop owner's words, by their stable codes. */
import { t } from '../lib/i18n';

/** What went wrong, in a line. */
export function problemTitle( code: string ): string {
	switch ( code ) {
		case 'host_unreachable':
			return t( 'Tillbook’s host does not answer at the moment.' );
		case 'unreachable':
			return t( 'The shop does not answer at the moment.' );
		case 'not_paired':
		case 'not_connected':
			return t( 'This shop is not connected to a host yet.' );
		case 'wrong_code':
			return t( 'That pairing code is not right, or no longer good.' );
		case 'shop_unreachable':
			return t( 'The host cannot reach this shop.' );
		case 'changed_meanwhile':
			return t( 'Somebody else has changed the settings meanwhile.' );
		case 'settings_refused':
			return t( 'These settings cannot be kept yet.' );
		case 'not_ready':
			return t( 'Something is still missing.' );
		case 'rest_cookie_invalid_nonce':
		case 'rest_forbidden':
		case 'forbidden':
			return t( 'You may not do this, or your session has ended.' );
		case 'module_missing':
		case 'worker_failed':
			return t( 'The accounting module could not be loaded.' );
		case 'core.too_large':
			return t( 'That is more than fits into one step.' );
		default:
			return t( 'That did not work.' );
	}
}

/** What can be done about it; nothing where the message says it. */
export function hint( code: string ): string | undefined {
	switch ( code ) {
		case 'host_unreachable':
			return t( 'Nothing is lost: orders are kept and sent when it is back. Previews go on with what was read last.' );
		case 'not_paired':
		case 'not_connected':
			return t( 'Open Connect and enter the host’s address and its pairing code.' );
		case 'wrong_code':
			return t( 'Codes are good for fifteen minutes and once. Make a new one on the host with “tillbook pair”.' );
		case 'changed_meanwhile':
			return t( 'Load the page again to see the new settings; then make your changes once more.' );
		case 'rest_cookie_invalid_nonce':
		case 'rest_forbidden':
		case 'forbidden':
			return t( 'Reload the page. If it stays so, ask an administrator of this shop.' );
		case 'module_missing':
		case 'worker_failed':
			return t( 'Reload the page. If it stays so, a security plugin or the server may be blocking WebAssembly.' );
		default:
			return undefined;
	}
}
