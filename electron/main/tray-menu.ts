import type { MenuItemConstructorOptions } from 'electron';
import type { EngineSummary } from '../../shared/contract/desktop.ts';
import type { Texts } from './texts.ts';

export interface TrayActions {
  readonly open: () => void;
  readonly publish: () => void;
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
  const publishes = summary.role === 'master' && summary.state !== 'unset' && summary.state !== 'failed';
  return [
    { id: 'state', label: sentence, enabled: false },
    { type: 'separator' },
    { id: 'open', label: texts.open, click: actions.open },
    ...(publishes ? [{ id: 'publish', label: texts.publish, click: actions.publish }] : []),
    { type: 'separator' },
    { id: 'quit', label: texts.quit, click: actions.quit },
  ];
}
