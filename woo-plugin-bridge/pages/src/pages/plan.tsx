export function PlanPage( _: { asked?: Record<string, string> } ) { return <p>…</p>; }
