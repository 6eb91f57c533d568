/** What a screen reader is told when something happens elsewhere on the page. */
import { useEffect, useState } from 'preact/hooks';

import { store, useStore } from '../lib/store';

const said = store( '' );

/** Says something politely. The same sentence twice is said twice. */
export function announce( text: string ): void {
	said.set( said.get() === text ? `${ text }\u00a0` : text );
}

/** The place where it is said; one for each element. */
export function Announcer() {
	const text = useStore( said );
	// Set a moment later: a region that comes with its text is not read.
	const [ spoken, speak ] = useState( '' );
	useEffect( () => {
		const timer = setTimeout( () => speak( text ), 50 );
		return () => clearTimeout( timer );
	}, [ text ] );
	return <div className="tb-sr" role="status" aria-live="polite">{ spoken }</div>;
}
