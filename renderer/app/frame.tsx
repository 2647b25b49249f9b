import { type ReactElement, useEffect, useEffectEvent, useRef, useState } from 'react';
import type { Status } from '../../shared/contract/status.ts';
import { useDropAnywhere } from '../features/publish/drop-anywhere.ts';
import { useText } from '../i18n/use-text.ts';
import { useEngine } from '../stores/engine-store.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { go, useLocation } from './location.ts';
import { Palette } from './palette.tsx';
import { LostBanner, SilentBanner } from './lost-banner.tsx';
import { nameOf, screenOf, screensAt } from './screens.ts';
import { Sidebar } from './sidebar.tsx';

/** The navigation, and beside it the screen that the address names. */
export function Frame({ status }: { status: Status }): ReactElement {
  const { t } = useText();
  const { role } = status.node;
  const view = useEngine((engine) => engine.view);
  const place = useLocation();
  const screen = screenOf(place, role);
  const content = useRef<HTMLElement>(null);
  const shown = useRef(place);
  const Shown = screen.component;

  const [searching, setSearching] = useState(false);
  useScreenKeys(role, () => setSearching(true));
  useDropAnywhere(status);
  useEffect(() => {
    document.title = `${nameOf(screen.id, role, t)} · Lockstep`;
  }, [t, role, screen.id]);
  useEffect(() => {
    if (shown.current === place) return;
    shown.current = place;
    content.current?.scrollTo(0, 0);
    // What was chosen is gone with the place where it stood: the keyboard goes on from the top of the new one.
    if (document.activeElement === document.body) content.current?.focus();
  }, [place]);

  return (
    <div className={view.is === 'lost' ? 'frame stale' : view.is === 'silent' ? 'frame silent' : 'frame'}>
      <button type="button" className="button skip" onClick={() => content.current?.focus()}>
        {t.nav.skip}
      </button>
      <Sidebar status={status} screen={screen.id} onSearch={() => setSearching(true)} />
      <main className="content" ref={content} tabIndex={-1}>
        {view.is === 'lost' && <LostBanner since={view.since} retryAt={view.retryAt} />}
        {view.is === 'silent' && <SilentBanner since={view.since} />}
        <ErrorBoundary key={screen.id}>
          <Shown status={status} />
        </ErrorBoundary>
      </main>
      {searching && <Palette status={status} onClose={() => setSearching(false)} />}
    </div>
  );
}

/** Ctrl or ⌘ with K, or with a digit; Alt with a digit too, as a browser keeps the others for its tabs. */
function useScreenKeys(role: Status['node']['role'], onSearch: () => void): void {
  const press = useEffectEvent((event: KeyboardEvent): void => {
    if (document.querySelector('dialog[open]') !== null || isTyping(event)) return;
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    const screen = digit === undefined ? undefined : screensAt(role)[Number(digit) - 1];
    const searches = event.code === 'KeyK' && !event.altKey;
    if (screen === undefined && !searches) return;
    event.preventDefault();
    if (screen === undefined) onSearch();
    else go(screen.id);
  });
  useEffect(() => {
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

/** Not one modifier alone, or one that makes a character: `{` is AltGr with 7 for some, which Windows calls Ctrl with Alt. */
function isTyping(event: KeyboardEvent): boolean {
  const { ctrlKey, metaKey, altKey, shiftKey, target } = event;
  const modifiers = [ctrlKey, metaKey, altKey].filter(Boolean).length;
  if (modifiers !== 1 || shiftKey || event.getModifierState('AltGraph')) return true;
  return altKey && target instanceof Element && target.matches('input, textarea, select');
}
