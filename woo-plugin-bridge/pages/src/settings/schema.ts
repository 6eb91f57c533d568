/** The core's own JSON Schema of settings, walked by path: what can be set is written once, in the core. */

export interface Schema {
	$ref?: string;
	type?: string | string[];
	description?: string;
	default?: unknown;
	properties?: Record<string, Schema>;
	additionalProperties?: boolean | Schema;
	items?: Schema;
	oneOf?: Schema[];
	const?: string;
	minimum?: number;
	maximum?: number;
	$defs?: Record<string, Schema>;
}

export type Step = string | number;
export type Path = Step[];

/** The shape of a field, as its editor needs it. */
export type Kind = 'text' | 'number' | 'switch' | 'choice' | 'map' | 'list' | 'object';

/** The schema of settings out of the schemas that `describe` gives. */
export class SettingsSchema {
	private readonly defs: Record<string, Schema>;

	constructor( schemas: Record<string, unknown> ) {
		const request = schemas.CheckRequest as Schema | undefined;
		this.defs = request?.$defs ?? {};
	}

	/** The whole. */
	get root(): Schema {
		return this.defs.Settings ?? {};
	}

	/** The schema itself where one only refers to it; its own words and default go before. */
	resolve( schema: Schema ): Schema {
		const found = schema.$ref ? this.defs[ schema.$ref.replace( '#/$defs/', '' ) ] : undefined;
		if ( ! found ) {
			return schema;
		}
		const { $ref: _, ...own } = schema;
		return { ...found, ...own };
	}

	/** What stands at a path; undefined where nothing can. */
	at( path: Path ): Schema | undefined {
		let schema: Schema | undefined = this.root;
		for ( const step of path ) {
			schema = schema && this.child( this.resolve( schema ), step );
		}
		return schema && this.resolve( schema );
	}

	private child( schema: Schema, step: Step ): Schema | undefined {
		if ( typeof step === 'number' ) {
			return schema.items;
		}
		const own = schema.properties?.[ step ];
		return own ?? ( typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined );
	}

	/** Reads `tax.sets[7].tax_type` or `payments.accounts.stripe/EUR`; undefined where it names no setting. */
	parse( text: string ): Path | undefined {
		const path: Path = [];
		let schema: Schema | undefined = this.resolve( this.root );
		let rest = text;
		while ( rest !== '' ) {
			const index: RegExpMatchArray | null = rest.match( /^\[(\d+)\]\.?/ );
			const isMap: boolean = ! index && ! schema?.properties && typeof schema?.additionalProperties === 'object';
			const step: Step | undefined = index ? Number( index[ 1 ] ) : isMap ? rest : rest.match( /^\w+/ )?.[ 0 ];
			const child: Schema | undefined = step === undefined || ! schema ? undefined : this.child( schema, step );
			if ( step === undefined || ! child ) {
				return undefined;
			}
			path.push( step );
			schema = this.resolve( child );
			rest = index ? rest.slice( index[ 0 ].length ) : rest.slice( String( step ).length ).replace( /^\./, '' );
		}
		return path.length > 0 ? path : undefined;
	}
}

/** Which editor fits. */
export function kindOf( schema: Schema ): Kind {
	const type = Array.isArray( schema.type ) ? schema.type.find( ( one ) => one !== 'null' ) : schema.type;
	if ( schema.oneOf ) {
		return 'choice';
	}
	if ( schema.properties ) {
		return 'object';
	}
	if ( typeof schema.additionalProperties === 'object' ) {
		return 'map';
	}
	return type === 'array' ? 'list' : type === 'boolean' ? 'switch' : type === 'integer' ? 'number' : 'text';
}

/** A path as the core writes it. */
export function pathText( path: Path ): string {
	return path.map( ( step, at ) => ( typeof step === 'number' ? `[${ step }]` : at === 0 ? step : `.${ step }` ) ).join( '' );
}
