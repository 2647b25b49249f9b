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
  readonly at: readonly Role[];
  readonly component: ComponentType<{ status: Status }>;
}

const everywhere: readonly Role[] = ['master', 'mirror'];

const screens: readonly [Screen, ...Screen[]] = [
  { id: 'overview', at: everywhere, component: Overview },
  { id: 'publish', at: ['master'], component: Publish },
  { id: 'site', at: everywhere, component: Site },
  { id: 'mirrors', at: everywhere, component: Mirrors },
  { id: 'together', at: everywhere, component: Together },
  { id: 'history', at: everywhere, component: History },
  { id: 'log', at: everywhere, component: Log },
  { id: 'settings', at: everywhere, component: Settings },
];

/** In the order of the navigation. */
export function screensAt(role: Role): readonly Screen[] {
  return screens.filter(({ at }) => at.includes(role));
}

/** What the first part of a location names; the overview where it names nothing that is here. */
export function screenOf([id]: readonly string[], role: Role): Screen {
  return screensAt(role).find((screen) => screen.id === id) ?? screens[0];
}

/** A mirror has one peer: its master. */
export function nameOf(screen: Screen['id'], role: Role, t: Messages): string {
  return screen === 'mirrors' && role === 'mirror' ? t.nav.master : t.nav.screens[screen];
}
