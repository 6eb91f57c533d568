/** Which findings speak of which setting. */
import type { Finding } from 'tillbook/types';

import { pathText, type Path } from './schema';

/** Those of the findings that speak of a setting or of what is below it. */
export function findingsAt( findings: Finding[], path: Path ): Finding[] {
	const text = pathText( path );
	return findings.filter( ( { field } ) => field && ( field === text || field.startsWith( `${ text }.` ) || field.startsWith( `${ text }[` ) ) );
}
