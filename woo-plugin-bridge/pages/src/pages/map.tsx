export function MapPage( _: { asked?: Record<string, string> } ) { return <p>…</p>; }
