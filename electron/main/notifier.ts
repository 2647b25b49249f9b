import { Notification } from 'electron';
import type { EngineSummary, Place } from '../../shared/contract/desktop.ts';
import { describeNotice, type Noticed, notice, nothingNoticed } from './notices.ts';
import type { Speaker } from './speaker.ts';

export interface Notifier {
  /** Looks at what the engine said last; tells what is to be told. */
  look(summary: EngineSummary): void;
  stop(): void;
}

interface Options {
  readonly speaker: () => Speaker;
  /** The person wants to be told. */
  readonly wanted: () => boolean;
  /** The window is before their eyes. */
  readonly isFocused: () => boolean;
  /** A click on a notification. */
  readonly open: (place: Place) => void;
  readonly platform: NodeJS.Platform;
}

/** Notifications of what needs a person, and of releases that are everywhere while nobody looks. */
export function createNotifier({ speaker, wanted, isFocused, open, platform }: Options): Notifier {
  let noticed: Noticed = nothingNoticed;
  let timer: NodeJS.Timeout | undefined;
  /** A notification that is not kept may be collected, and its click with it. */
  const shown = new Set<Notification>();

  const look = (summary: EngineSummary): void => {
    clearTimeout(timer);
    // Before the engine runs it knows of no release that is old.
    if (summary.state === 'starting' || summary.state === 'unset' || summary.state === 'failed') return;
    // What stays, stays so long by the steady clock: whoever sets the other one is told all the same.
    const now = performance.now();
    const result = notice(noticed, summary, now);
    noticed = result.noticed;
    if (result.lookAgainAt !== undefined) timer = setTimeout(() => look(summary), result.lookAgainAt - now);
    if (!wanted() || !Notification.isSupported()) return;
    for (const told of result.notices) {
      if (told.kind === 'release' && isFocused()) continue;
      const { title, body, place } = describeNotice(told, speaker());
      show(title, body, place);
    }
  };

  const show = (title: string, body: string, place: Place): void => {
    const notification = new Notification({ title, body: platform === 'linux' ? asMarkup(body) : body });
    shown.add(notification);
    notification.on('click', () => {
      shown.delete(notification);
      open(place);
    });
    notification.on('close', () => shown.delete(notification));
    notification.on('failed', () => shown.delete(notification));
    notification.show();
  };

  return { look, stop: () => clearTimeout(timer) };
}

/** The desktops of Linux read a body as markup, which the names in it are not: of one with a link or a stray `&` they show that, or nothing. */
function asMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
