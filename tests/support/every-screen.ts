import { togetherTabs } from '../../renderer/features/together/tabs.ts';
import type { HistoryRow, Status } from '../../shared/contract/status.ts';
import { type Answers, type ScriptedEngine, startScriptedEngine } from './scripted-engine.ts';
import { masterStatus, mirrorStatus, peer, published, put } from './statuses.ts';
import { togetherAnswers, waiting } from './together-samples.ts';

/** By the roles at which they are, as renderer/app/screens.ts has them. */
const screens = {
  master: ['overview', 'publish', 'mirrors', 'history', 'settings'],
  mirror: ['overview', 'mirrors', 'history', 'settings'],
} as const;

/** An engine in the middle of its work, and the address of every screen that there is at it. */
export async function seen(role: 'master' | 'mirror'): Promise<{ engine: ScriptedEngine; places: string[] }> {
  const now = Date.now();
  const engine = await startScriptedEngine(statusOf(role, now), rowsOf(now), answersOf(now));
  const places = [
    ...screens[role],
    ...togetherTabs[role].map((tab) => `together/${tab}`),
    ...(role === 'master' ? ['together/releases/18390', 'mirrors/tokyo'] : []),
  ];
  return { engine, places };
}

function statusOf(role: 'master' | 'mirror', now: number): Status {
  const items = waiting(now);
  if (role === 'mirror') {
    for (const item of items) delete item.peer;
    return { ...mirrorStatus(peer('origin')), waiting: items };
  }
  const peers = [
    peer('tokyo'),
    peer('osaka', { inStep: false, waiting: 3, held: 1 }),
    peer('berlin', { inStep: false, connected: false, failing: 2, waiting: 4, lastSeenAt: now - 40_000 }),
  ];
  return masterStatus(peers, { waiting: items });
}

function rowsOf(now: number): HistoryRow[] {
  return Array.from({ length: 30 }, (_, index) => {
    const at = now - index * 61_000;
    const deliveries = [published('tokyo', at, 84), published('osaka', at, 240)];
    return put(18_402 - index, `news/2026/11/page-${index}.html`, at, deliveries);
  });
}

function answersOf(now: number): Answers {
  return {
    ...togetherAnswers(now),
    'route.list': () => [],
    'peer.list': () => [],
  };
}
