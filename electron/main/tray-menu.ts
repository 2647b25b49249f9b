import type { MenuItemConstructorOptions } from 'electron';
import type { EngineSummary } from '../../shared/contract/desktop.ts';
import type { Texts } from './texts.ts';

export interface TrayActions {
  readonly open: () => void;
  readonly publish: () => void;
  readonly pause: (on: boolean) => void;
  readonly quit: () => void;
}

interface Shown {
  readonly sentence: string;
  readonly summary: EngineSummary;
  readonly texts: Texts['tray'];
  readonly actions: TrayActions;
}

/** How it is, then what can be done. */
export function trayMenu({ sentence, summary, texts, actions }: Shown): MenuItemConstructorOptions[] {
  const runs = summary.role !== null && summary.state !== 'starting' && summary.state !== 'failed';
  const publishes = summary.role === 'master' && runs;
  return [
    { id: 'state', label: sentence, enabled: false },
    { type: 'separator' },
    { id: 'open', label: texts.open, click: actions.open },
    ...(publishes ? [{ id: 'publish', label: texts.publish, click: actions.publish }] : []),
    ...(runs
      ? [
          summary.paused
            ? { id: 'resume', label: texts.resume, click: () => actions.pause(false) }
            : { id: 'pause', label: texts.pause, click: () => actions.pause(true) },
        ]
      : []),
    { type: 'separator' },
    { id: 'quit', label: texts.quit, click: actions.quit },
  ];
}
