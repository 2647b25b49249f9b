import { type ReactElement, useEffect, useEffectEvent, useRef, useState } from 'react';
import type { Status } from '../../shared/contract/status.ts';
import { isListenFault } from '../../shared/domain/listen-fault.ts';
import { InviteDialog } from '../features/invite/invite-dialog.tsx';
import { useDropAnywhere } from '../features/publish/drop-anywhere.ts';
import { useText } from '../i18n/use-text.ts';
import { useEngine } from '../stores/engine-store.ts';
import { useOfferedCode } from '../stores/offered-code.ts';
import { say } from '../stores/toast-store.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { KeyboardMap } from './keyboard-map.tsx';
import { go, useLocation } from '../stores/location.ts';
import { FaultBanner, LostBanner, SilentBanner } from './lost-banner.tsx';
import type { Over } from './palette/actions.ts';
import { Palette } from './palette/palette.tsx';
import { nameOf, screenOf, screensAt } from './screens.ts';
import { isTyping } from './shortcuts.ts';
import { Sidebar } from './sidebar.tsx';
import { Toasts } from './toasts.tsx';

/** The navigation, and beside it the screen that the address names. */
export function Frame({ status }: { status: Status }): ReactElement {
  const { t } = useText();
  const { role } = status.node;
  const view = useEngine((engine) => engine.view);
  const place = useLocation();
  const screen = screenOf(place, status);
  const content = useRef<HTMLElement>(null);
  const shown = useRef(place);
  const Shown = screen.component;

  const [over, setOver] = useState<Over>();
  const close = (): void => setOver(undefined);
  useScreenKeys(status, setOver);
  useDropAnywhere(status);
  useOfferedCode(() => {
    // A form there takes it: that of the first site, or of a further one.
    if (role === 'mirror') go(status.sites.length > 0 ? 'mirrors' : 'overview');
    else say(t.pairing.offeredAtMaster);
    return role === 'master';
  });
  useEffect(() => {
    document.title = `${nameOf(screen.id, role, t)} · Lockstep`;
  }, [t, role, screen.id]);
  useEffect(() => {
    if (shown.current === place) return;
    shown.current = place;
    // A screen shows by itself the part of it that an address names.
    if (document.getElementById(place.join('/')) === null) content.current?.scrollTo(0, 0);
    // What was chosen is gone with the place where it stood: the keyboard goes on from the top of the new one.
    if (document.activeElement === document.body) content.current?.focus();
  }, [place]);

  return (
    <div className={view.is === 'lost' ? 'frame stale' : view.is === 'silent' ? 'frame silent' : 'frame'}>
      <button type="button" className="button skip" onClick={() => content.current?.focus()}>
        {t.nav.skip}
      </button>
      <Sidebar status={status} screen={screen.id} onSearch={() => setOver('palette')} />
      <main className="content" ref={content} tabIndex={-1}>
        {view.is === 'lost' && <LostBanner since={view.since} retryAt={view.retryAt} />}
        {view.is === 'silent' && <SilentBanner since={view.since} />}
        {status.configFault && (
          <FaultBanner
            what={isListenFault(status.configFault) ? t.engine.listenFault : t.engine.configFault}
            error={status.configFault}
          />
        )}
        {status.certificateFault && <FaultBanner what="FTP:" error={status.certificateFault} />}
        <ErrorBoundary key={screen.id}>
          <Shown status={status} />
        </ErrorBoundary>
      </main>
      <Toasts />
      {over === 'palette' && <Palette status={status} open={setOver} onClose={close} />}
      {over === 'keyboard' && <KeyboardMap onClose={close} />}
      {over === 'invite' && <InviteDialog status={status} onClose={close} />}
    </div>
  );
}

/** Ctrl or ⌘ with K, or with a digit; Alt with a digit too, as a browser keeps the others for its tabs; `?` alone. */
function useScreenKeys(status: Status, open: (over: Over) => void): void {
  const press = useEffectEvent((event: KeyboardEvent): void => {
    if (document.querySelector('dialog[open]') !== null) return;
    if (event.key === '?' && !event.ctrlKey && !event.metaKey && !event.altKey && !isInField(event)) {
      event.preventDefault();
      open('keyboard');
      return;
    }
    if (isTyping(event)) return;
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    const screen = digit === undefined ? undefined : screensAt(status)[Number(digit) - 1];
    const searches = event.code === 'KeyK' && !event.altKey;
    if (screen === undefined && !searches) return;
    event.preventDefault();
    if (screen === undefined) open('palette');
    else go(screen.id);
  });
  useEffect(() => {
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

function isInField({ target }: KeyboardEvent): boolean {
  return target instanceof Element && target.matches('input, textarea, select, [contenteditable]');
}
