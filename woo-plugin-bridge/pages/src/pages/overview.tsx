export function OverviewPage( _: { asked?: Record<string, string> } ) { return <p>…</p>; }
