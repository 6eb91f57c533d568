export function LogPage( _: { asked?: Record<string, string> } ) { return <p>…</p>; }
