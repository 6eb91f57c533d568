/** The module's JavaScript, as the package has it; its typings are beside it. */
declare module 'tillbook/core.js' {
	export function start( open: () => Promise<Response | BufferSource> ): Promise<void>;
	export function sha256(): string;
	export function call( operation: string, request: string ): string;
}
