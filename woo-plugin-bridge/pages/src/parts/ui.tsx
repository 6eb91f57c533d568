/** The small parts that pages are built of, in wp-admin's measures. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

import type { Problem } from '../lib/api';
import { t } from '../lib/i18n';
import { hint, problemTitle } from './problem-words';

type Children = { children?: ComponentChildren };
export type Tone = 'good' | 'warn' | 'bad' | 'calm' | 'info';

const join = ( ...names: ( string | false | undefined )[] ) => names.filter( Boolean ).join( ' ' );

type ButtonProps = Children & {
	kind?: 'primary' | 'secondary' | 'plain' | 'danger';
	small?: boolean;
	busy?: boolean | undefined;
	disabled?: boolean | undefined;
	onClick?: ( () => void ) | undefined;
	type?: 'button' | 'submit';
	/** What it is about, for those who do not see where it stands. */
	about?: string | undefined;
	pressed?: boolean | undefined;
	expanded?: boolean | undefined;
	className?: string;
};

/** A button. One that is busy keeps its focus and does nothing. */
export function Button( { kind = 'secondary', small, busy, disabled, onClick, type = 'button', about, pressed, expanded, className, children }: ButtonProps ) {
	const press = busy ? undefined : onClick;
	return <button
		type={ type } disabled={ disabled } aria-disabled={ busy || undefined } aria-pressed={ pressed }
		aria-expanded={ expanded }
		className={ join( 'tb-button', `tb-button--${ kind }`, small && 'tb-button--small', busy && 'is-busy', className ) }
		{ ...( press ? { onClick: press } : {} ) }
	>{ children }{ about && <span className="tb-sr"> { about }</span> }</button>;
}

/** A link that looks like a button. */
export function ButtonLink( { href, kind = 'secondary', children }: Children & { href: string; kind?: 'primary' | 'secondary' } ) {
	return <a className={ `tb-button tb-button--${ kind }` } href={ href }>{ children }</a>;
}

/** A link out of the pages. */
export function Outside( { href, children }: Children & { href: string } ) {
	return <a href={ href } target="_blank" rel="noopener noreferrer">{ children }<span className="tb-sr"> { t( '(opens in a new tab)' ) }</span></a>;
}

/** A box with a title. */
export function Card( { title, actions, children, level = 2, className, id }: Children & {
	title?: ComponentChildren; actions?: ComponentChildren; level?: 2 | 3; className?: string | undefined; id?: string;
} ) {
	const Heading: 'h2' | 'h3' = level === 2 ? 'h2' : 'h3';
	return <section className={ join( 'tb-card', className ) } id={ id }>
		{ title && <header className="tb-card__head"><Heading>{ title }</Heading>{ actions && <div className="tb-actions">{ actions }</div> }</header> }
		<div className="tb-card__body">{ children }</div>
	</section>;
}

/** A message in the page. Errors are spoken at once. */
export function Notice( { kind = 'info', title, actions, children }: Children & {
	kind?: 'info' | 'warning' | 'error' | 'success'; title?: ComponentChildren; actions?: ComponentChildren;
} ) {
	return <div className={ `tb-notice tb-notice--${ kind }` } role={ kind === 'error' ? 'alert' : undefined }>
		<div className="tb-notice__text">{ title && <p><strong>{ title }</strong></p> }{ children }</div>
		{ actions && <div className="tb-actions">{ actions }</div> }
	</div>;
}

/** What went wrong, what it means, and a way to try again. */
export function ProblemNotice( { problem, again }: { problem: Problem; again?: ( () => void ) | undefined } ) {
	const advice = hint( problem.code );
	return <Notice kind="error" title={ problemTitle( problem.code ) } actions={ again && <Button onClick={ again }>{ t( 'Try again' ) }</Button> }>
		<p>{ problem.message }</p>
		{ advice && <p>{ advice }</p> }
	</Notice>;
}

/** A word with a colour; the word says it all. */
export function Badge( { tone = 'calm', children }: Children & { tone?: Tone } ) {
	return <span className={ `tb-badge tb-badge--${ tone }` }>{ children }</span>;
}

/** Nothing here, and what to do about it. */
export function Empty( { title, children, action }: Children & { title: string; action?: ComponentChildren } ) {
	return <div className="tb-empty"><p className="tb-empty__title">{ title }</p><div>{ children }</div>{ action && <div className="tb-actions">{ action }</div> }</div>;
}

/** Something is on its way. */
export function Loading( { what }: { what: string } ) {
	return <div className="tb-loading" role="status"><span className="tb-spinner" aria-hidden="true" />{ what }</div>;
}

/** How far something is. */
export function Meter( { done, total, label }: { done: number; total: number; label: string } ) {
	const id = useId();
	return <div className="tb-meter"><label htmlFor={ id }>{ label }</label><progress id={ id } value={ done } max={ Math.max( total, 1 ) } /></div>;
}

/** A label, its control, what it is for, and what is wrong with it. */
export function Field( { label, hint: about, error, children, wide }: {
	label: ComponentChildren; hint?: ComponentChildren; error?: ComponentChildren; wide?: boolean;
	children: ( ids: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true } ) => JSX.Element;
} ) {
	const id = useId();
	const described = [ about && `${ id }-hint`, error && `${ id }-error` ].filter( Boolean ).join( ' ' );
	return <div className={ join( 'tb-field', wide && 'tb-field--wide', Boolean( error ) && 'has-error' ) }>
		<label htmlFor={ id }>{ label }</label>
		{ children( { id, ...( described ? { 'aria-describedby': described } : {} ), ...( error ? { 'aria-invalid': true as const } : {} ) } ) }
		{ error && <p className="tb-field__error" id={ `${ id }-error` }>{ error }</p> }
		{ about && <p className="tb-field__hint" id={ `${ id }-hint` }>{ about }</p> }
	</div>;
}

/** A question before something that counts. Escape and the cross leave it; focus comes back where it was. */
export function Dialog( { title, children, onClose, actions }: Children & { title: string; onClose: () => void; actions: ComponentChildren } ) {
	const dialog = useRef<HTMLDialogElement>( null );
	const id = useId();
	useEffect( () => {
		const own = dialog.current;
		const before = document.activeElement;
		own?.showModal();
		return () => {
			// While it is open, nothing outside of it takes the focus.
			own?.close();
			if ( before instanceof HTMLElement ) {
				before.focus();
			}
		};
	}, [] );
	return <dialog ref={ dialog } className="tb-dialog" aria-labelledby={ id } onCancel={ ( event ) => {
		event.preventDefault();
		onClose();
	} }>
		<h2 id={ id }>{ title }</h2>
		<div className="tb-dialog__body">{ children }</div>
		<div className="tb-actions tb-actions--end">{ actions }</div>
	</dialog>;
}

/** A digest: its beginning to look at, the whole to copy. */
export function Sha( { value, label }: { value: string; label?: string } ) {
	const [ copied, setCopied ] = useState( false );
	const copy = () => {
		void navigator.clipboard?.writeText( value ).then( () => setCopied( true ) );
	};
	return <span className="tb-sha"><span className="tb-sr">{ label ?? 'SHA-256' } </span>
		<code title={ value }><span aria-hidden="true">{ value.slice( 0, 12 ) }…</span><span className="tb-sr">{ value }</span></code>
		<Button kind="plain" small about="SHA-256" onClick={ copy }>{ copied ? t( 'Copied' ) : t( 'Copy' ) }</Button></span>;
}

/** Rows of what is what. */
export function Facts( { rows }: { rows: ( [ ComponentChildren, ComponentChildren ] | false | undefined )[] } ) {
	return <dl className="tb-facts">{ rows.filter( ( row ) => row !== false && row !== undefined ).map( ( [ name, value ], at ) =>
		<div key={ at }><dt>{ name }</dt><dd>{ value }</dd></div> ) }</dl>;
}
