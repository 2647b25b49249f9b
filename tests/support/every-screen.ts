import { LogRing } from '../../electron/engine/log/log-ring.ts';
import { togetherTabs } from '../../renderer/features/together/tabs.ts';
import type { FileState, TreeRow } from '../../shared/contract/site-tree.ts';
import type { HistoryRow, Status } from '../../shared/contract/status.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { type Answers, type ScriptedEngine, startScriptedEngine } from './scripted-engine.ts';
import { masterStatus, mirrorStatus, peer, published, put } from './statuses.ts';
import { togetherAnswers, waiting } from './together-samples.ts';

/** By the roles at which they are, as renderer/app/screens.ts has them. */
const screens = {
  master: ['overview', 'publish', 'site', 'mirrors', 'history', 'log', 'settings'],
  mirror: ['overview', 'site', 'mirrors', 'history', 'log', 'settings'],
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
  const kept = { kind: 'address' as const, who: '192.0.2.17', until: now + 600_000, tried: 'editor' };
  return masterStatus(peers, { waiting: items, lockOuts: [kept] });
}

function rowsOf(now: number): HistoryRow[] {
  return Array.from({ length: 30 }, (_, index) => {
    const at = now - index * 61_000;
    const deliveries = [published('tokyo', at, 84), published('osaka', at, 240)];
    return put(18_402 - index, `news/2026/11/page-${index}.html`, at, deliveries);
  });
}

function answersOf(now: number): Answers {
  const log = writtenLog();
  return {
    ...togetherAnswers(now),
    'route.list': () => [],
    'peer.list': () => [],
    'site.browse': ({ folder }: { folder?: string }) => ({ site: 'www', rows: folder ? [] : treeOf(now) }),
    'log.page': (query: { after?: number; limit?: number }) => log.page({ limit: 1000, ...query }),
    'follow.list': () => [],
  };
}

function treeOf(now: number): TreeRow[] {
  const file = (name: string, state: FileState): TreeRow => ({
    kind: 'file',
    path: name as SitePath,
    size: 4812,
    mtime: now - 3_600_000,
    state,
    has: state === 'published' ? 3 : 1,
    of: 3,
  });
  return [
    { kind: 'dir', path: 'news' as SitePath, state: 'failing' },
    { kind: 'dir', path: '製品' as SitePath, state: 'published' },
    file('about.html', 'published'),
    file('index.html', 'on-its-way'),
    file('sitemap.xml', 'held'),
  ];
}

function writtenLog(): LogRing {
  const ring = new LogRing();
  const write = (level: number, msg: string, more: object): void =>
    ring.write(JSON.stringify({ level, time: new Date().toISOString(), msg, ...more }));
  write(30, 'the link is open', { part: 'link', peer: 'osaka', from: '10.0.0.7' });
  write(40, 'the watch begins again', { part: 'watch', site: 'www', code: 'watch.interrupted', params: {} });
  write(50, 'a task in the background failed', {
    err: { message: 'no such thing', stack: 'TypeError: no such thing' },
  });
  return ring;
}
