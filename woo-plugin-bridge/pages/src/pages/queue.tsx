export function QueuePage( _: { asked?: Record<string, string> } ) { return <p>…</p>; }
