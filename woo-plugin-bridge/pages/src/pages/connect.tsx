export function ConnectPage( _: { asked?: Record<string, string> } ) { return <p>…</p>; }
