import { type ReactElement, useEffect, useEffectEvent, useRef, useState } from 'react';
import type { Status } from '../../shared/contract/status.ts';
import { useText } from '../i18n/use-text.ts';
import { useEngine } from '../stores/engine-store.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { go, useLocation } from './location.ts';
import { Palette } from './palette.tsx';
import { LostBanner } from './lost-banner.tsx';
import { nameOf, screenOf, screensAt } from './screens.ts';
import { Sidebar } from './sidebar.tsx';

/** The navigation, and beside it the screen that the address names. */
export function Frame({ status }: { status: Status }): ReactElement {
  const { t } = useText();
  const { role } = status.node;
  const view = useEngine((engine) => engine.view);
  const screen = screenOf(useLocation(), role);
  const content = useRef<HTMLElement>(null);
  const shown = useRef(screen.id);
  const Shown = screen.component;

  const [searching, setSearching] = useState(false);
  useScreenKeys(role, () => setSearching(true));
  useEffect(() => {
    document.title = `${nameOf(screen.id, role, t)} · Lockstep`;
  }, [t, role, screen.id]);
  useEffect(() => {
    if (shown.current !== screen.id) content.current?.scrollTo(0, 0);
    shown.current = screen.id;
  }, [screen.id]);

  return (
    <div className={view.is === 'lost' ? 'frame stale' : 'frame'}>
      <button type="button" className="button skip" onClick={() => content.current?.focus()}>
        {t.nav.skip}
      </button>
      <Sidebar status={status} screen={screen.id} onSearch={() => setSearching(true)} />
      <main className="content" ref={content} tabIndex={-1}>
        {view.is === 'lost' && <LostBanner since={view.since} retryAt={view.retryAt} />}
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
    if (event.code === 'KeyK' && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
      event.preventDefault();
      onSearch();
      return;
    }
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    if (digit === undefined || event.shiftKey || !(event.ctrlKey || event.metaKey || event.altKey)) return;
    const screen = screensAt(role)[Number(digit) - 1];
    if (screen === undefined) return;
    event.preventDefault();
    go(screen.id);
  });
  useEffect(() => {
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}
