import type { ComponentType } from 'react';
import type { Status } from '../../shared/contract/status.ts';
import { History } from '../features/history/history.tsx';
import { Log } from '../features/log/log.tsx';
import { Mirrors } from '../features/mirrors/mirrors.tsx';
import { Overview } from '../features/overview/overview.tsx';
import { Publish } from '../features/publish/publish.tsx';
import { Site } from '../features/site/site.tsx';
import { Settings } from '../features/settings/settings.tsx';
import { Together } from '../features/together/together.tsx';
import type { Messages } from '../i18n/en.ts';

type Role = Status['node']['role'];

export interface Screen {
  readonly id: 'overview' | 'publish' | 'site' | 'mirrors' | 'together' | 'history' | 'log' | 'settings';
  /** Absent: everywhere. */
  readonly isAt?: (status: Pick<Status, 'node' | 'sites'>) => boolean;
  readonly component: ComponentType<{ status: Status }>;
}

const screens: readonly [Screen, ...Screen[]] = [
  { id: 'overview', component: Overview },
  // What a mirror shows it is sent; one that follows nothing may still send files to FTP servers.
  { id: 'publish', isAt: ({ node, sites }) => node.role === 'master' || sites.length === 0, component: Publish },
  { id: 'site', component: Site },
  { id: 'mirrors', component: Mirrors },
  { id: 'together', component: Together },
  { id: 'history', component: History },
  { id: 'log', component: Log },
  { id: 'settings', component: Settings },
];

/** In the order of the navigation. */
export function screensAt(status: Pick<Status, 'node' | 'sites'>): readonly Screen[] {
  return screens.filter(({ isAt }) => isAt?.(status) ?? true);
}

/** What the first part of a location names; the overview where it names nothing that is here. */
export function screenOf([id]: readonly string[], status: Status): Screen {
  return screensAt(status).find((screen) => screen.id === id) ?? screens[0];
}

/** A mirror has one peer: its master. */
export function nameOf(screen: Screen['id'], role: Role, t: Messages): string {
  return screen === 'mirrors' && role === 'mirror' ? t.nav.master : t.nav.screens[screen];
}
