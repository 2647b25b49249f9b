import type { Bridge } from '../bridge/bridge.ts';
import { offerCode } from '../stores/offered-code.ts';
import { useUi } from '../stores/ui-store.ts';
import { go } from '../stores/location.ts';

/** What the desktop shell and the interface tell each other; in a browser there is no shell. Returns what ends it. */
export function followShell(bridge: Bridge): () => void {
  if (bridge.kind !== 'desktop') return () => undefined;
  let told = '';
  const tell = (): void => {
    const { locale, theme } = useUi.getState();
    const next = `${locale} ${theme}`;
    if (next === told) return;
    told = next;
    // A shell that does not take it keeps its own language: nothing here depends on it.
    bridge.call('shell.appear', { locale, theme }).catch(() => undefined);
  };
  tell();
  const unfollow = useUi.subscribe(tell);
  const unsubscribe = bridge.subscribe((event) => {
    if (event.type !== 'go') return;
    const [screen, code] = event.place;
    // A pairing code is a secret: it stands in no address.
    if (screen === 'join' && code !== undefined) offerCode(code);
    else go(...event.place);
  });
  return () => {
    unfollow();
    unsubscribe();
  };
}
