import type { Status, WaitingItem } from '../../../shared/contract/status.ts';
import { needsPerson } from '../../../shared/domain/needs-person.ts';
import { useSelectedSite } from '../../stores/use-selected-site.ts';
import type { Messages } from '../../i18n/en.ts';
import { useText } from '../../i18n/use-text.ts';
import { useEngine } from '../../stores/engine-store.ts';
import { useDone } from '../../ui/use-done.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { go } from '../../stores/location.ts';
import type { Command } from './command.ts';
import { diagnostics } from './diagnostics.ts';
import { named } from './places.ts';

/** So many failing transfers are tried in one go. */
const TRIED_MAX = 100;

/** Dialogs that the frame opens over whatever screen is shown. */
export type Over = 'palette' | 'keyboard' | 'invite';

type NameIn = (texts: Messages) => string;

/** What can be done from anywhere, as far as it makes sense here and now. */
export function useActions(status: Status, open: (over: Over) => void): readonly Command[] {
  const { t, format, locale } = useText();
  const bridge = useBridge();
  const done = useDone();
  const view = useEngine((engine) => engine.view.is);
  const site = useSelectedSite(status)?.name;
  const atMaster = status.node.role === 'master';
  const action = (id: string, nameIn: NameIn, run: () => void): Command => ({
    id,
    kind: 'action',
    ...named(nameIn, t),
    run,
  });
  const task = (id: string, nameIn: NameIn, work: Parameters<typeof done>[0]): Command =>
    action(id, nameIn, () => void done(work));
  const way = (id: string, nameIn: NameIn, ...place: readonly string[]): Command =>
    action(id, nameIn, () => go(...place));
  const words = t.frame.actions;

  /** `name`: of a mirror at its master, of a site that is followed at a mirror. */
  const pause = (name: string, isPaused: boolean): Command => {
    const set = async (paused: boolean): Promise<void> => {
      if (atMaster) await bridge.call(paused ? 'peer.pause' : 'peer.resume', { peer: name });
      else await bridge.call(paused ? 'follow.pause' : 'follow.resume', { site: name });
    };
    return task(
      `${isPaused ? 'resume' : 'pause'}-${name}`,
      (texts) => (isPaused ? texts.frame.actions.resume(name) : texts.frame.actions.pause(name)),
      async () => {
        await set(!isPaused);
        return { said: isPaused ? words.resumed(name) : words.paused(name), undo: () => set(isPaused) };
      },
    );
  };
  const failing = status.waiting.filter(isFailing).slice(0, TRIED_MAX);

  const tryAll = task(
    'try-all',
    (texts) => texts.frame.actions.tryAll,
    async () => {
      for (const { id } of failing) await bridge.call('waiting.resolve', { id, how: 'publish' });
      return { said: words.triedAll(format.number(failing.length), failing.length) };
    },
  );
  const rescan = (name: string): Command =>
    task(
      `rescan-${name}`,
      (texts) => texts.frame.actions.rescan(name),
      async () => {
        const { found, changed } = await bridge.call('site.rescan', { name });
        return { said: words.rescanned(name, format.number(found), format.number(changed), changed) };
      },
    );
  const copyDiagnostics = task(
    'diagnostics',
    (texts) => texts.frame.actions.diagnostics,
    async () => {
      await navigator.clipboard.writeText(diagnostics(status, view, locale));
      return { said: words.diagnosed };
    },
  );
  const invite = action(
    'invite',
    (texts) => texts.frame.actions.invite,
    () => open('invite'),
  );
  const keyboard = action(
    'keyboard',
    (texts) => texts.frame.keyboard.title,
    () => open('keyboard'),
  );
  const ofMaster = [
    way('publish', (texts) => texts.frame.actions.publish, 'publish'),
    ...(site === undefined ? [] : [invite]),
    way('new-account', (texts) => texts.frame.actions.newAccount, 'settings', 'accounts', 'new'),
    way('new-group', (texts) => texts.frame.actions.newGroup, 'together', 'groups', 'new'),
    way('new-link', (texts) => texts.frame.actions.newLink, 'together', 'links', 'new'),
  ];
  return [
    ...(status.waiting.some(needsPerson)
      ? [way('show-needed', (texts) => texts.frame.actions.showNeeded, 'together', 'waiting')]
      : []),
    ...(failing.length === 0 ? [] : [tryAll]),
    ...(atMaster ? ofMaster : []),
    ...status.sites.map(({ name }) => rescan(name)),
    ...status.sites.flatMap(({ name: site, peers }) =>
      peers.map(({ name, paused }) => pause(atMaster ? name : site, paused !== undefined)),
    ),
    copyDiagnostics,
    keyboard,
  ];
}

function isFailing({ kind, path }: WaitingItem): boolean {
  return kind === 'failing' && path !== undefined;
}
