export function SettingsPage( _: { asked?: Record<string, string> } ) { return <p>…</p>; }
