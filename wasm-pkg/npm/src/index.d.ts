export type * from './types.js';
export type { CoreError } from './tillbook.js';
export {
	call, checkSettings, completeness, describe, map, matchCustomers, plan, proposeSettings, readAnswer,
	readPayouts, summarise, takings,
} from './tillbook.js';

/**
 * Loads the module. To be awaited once before anything else; later calls wait for the first.
 *
 * @param source Where the module is, or its bytes; the file in this package when left out.
 */
export function load(source?: URL | string | BufferSource): Promise<void>;

/** SHA-256 of the module that was loaded, in lower-case hexadecimal: equal wherever it runs. */
export function sha256(): string;
