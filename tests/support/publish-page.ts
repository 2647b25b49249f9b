import type { Page } from '@playwright/test';
import { chooseLogins } from '../../electron/engine/publishing/logins/choose.ts';
import type { CallParams } from '../../shared/contract/calls.ts';
import type { PublishJob, PublishPlan, Target } from '../../shared/contract/publishing.ts';
import type { Release } from '../../shared/contract/releases.ts';
import type { Status } from '../../shared/contract/status.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { expect, test as base } from './console-page.ts';
import { type ScriptedEngine, startScriptedEngine } from './scripted-engine.ts';
import { HEAD, masterStatus, peer } from './statuses.ts';

type Order = CallParams<'publish.plan'>;
type Start = CallParams<'publish.start'>;

export const threePeers = [peer('tokyo'), peer('osaka'), peer('berlin')];

/** Of the server that a target names. */
export const fingerprint = 'ab12'.repeat(16);

export const halfway: Partial<PublishJob> = {
  files: { done: 12, total: 33 },
  bytes: { done: 21_300_000, total: 48_300_000 },
  state: {
    is: 'sending',
    current: ['images/products/photo-13.webp', 'images/products/photo-14.webp'],
    bytesPerSecond: 3_400_000,
    remainingMillis: 8_200,
  },
};

/** An engine that has a plan, takes drops, and waits to be told how far they are. */
export async function startPublishing(peers = threePeers, status: Status = masterStatus(peers)) {
  const plan: PublishPlan = {
    new: paths(24, (index) => (index === 0 ? 'images/products' : `images/products/photo-${index}.webp`)),
    changed: paths(9, (index) => (index === 0 ? 'index.html' : `news/story-${index}.html`)),
    unchanged: 1240,
    deleted: [],
    refused: [{ path: 'node_modules', error: { code: 'path.link', params: { path: 'node_modules' } } }],
    refusedCount: 1,
    bytes: 48_300_000,
    sizes: {
      new: Array.from({ length: 24 }, (_, index) => (index === 0 ? null : 1_900_000 + index * 1000)),
      changed: Array.from({ length: 9 }, () => 4812),
    },
    bySizeOnly: false,
    atOnce: true,
    mirrors: [],
  };
  /** What a page is shown from now on. `isAway`: the folder that is to be published is not there. */
  const shown = { plan, targets: [] as Target[], isAway: false };
  let releases: Release[] = [];
  let job: PublishJob | undefined;
  const release = (id: number, name: string, extra: Partial<Release> = {}): Release => {
    const made = { site: 'www', id, name, at: Date.now(), by: 'local', changes: 33, ...extra };
    return { ...made, peers: peers.map((each) => ({ peer: each.name })) };
  };
  const tell = (next: PublishJob): PublishJob => {
    job = next;
    engine.drops([next]);
    return next;
  };
  /** The drop goes on; what is told of it before the page has asked for it would be taken back by its start. */
  const advance = (more: Partial<PublishJob>): PublishJob => {
    if (!job) throw new Error('nothing is being published');
    return tell({ ...job, ...more });
  };
  /** All of it has arrived and is visible. */
  const finish = (): void =>
    void advance({ state: { is: 'done', release: HEAD + 33, changes: 33 }, endedAt: Date.now() });
  /** What a mirror reports: it shows the release since then. */
  const arrive = (mirrors: readonly string[], after: number): void => {
    const [first, ...others] = releases;
    if (!first) throw new Error('nothing was published');
    const told = first.peers.map((each, index) =>
      mirrors.includes(each.peer) ? { ...each, publishedAt: first.at + after + index * 150 } : each,
    );
    const times = told.flatMap(({ publishedAt }) => publishedAt ?? []);
    const [earliest, latest] = [Math.min(...times), Math.max(...times)];
    const done = { convergedMillis: latest - first.at, skewMillis: latest - earliest };
    releases = [{ ...first, peers: told, ...(times.length === told.length ? done : {}) }, ...others];
  };
  const engine = await startScriptedEngine(status, [], {
    'publish.plan': (order: Order) => {
      if (order.sources[0] === '/nothing/there' || shown.isAway)
        throw new AppError('file.not-found', { path: '/nothing/there' });
      if (order.to.kind === 'target') return { ...shown.plan, atOnce: false, bySizeOnly: true };
      return { ...shown.plan, deleted: order.delete === true ? paths(900, (index) => `old/${index}.html`) : [] };
    },
    'publish.start': (order: Start) => {
      releases = [release(HEAD + 33, order.name)];
      return tell({
        id: 'job-1',
        to: order.to,
        name: order.name,
        sources: ['/srv/build/dist'],
        startedAt: Date.now(),
        files: { done: 0, total: 0 },
        bytes: { done: 0, total: 0 },
        state: { is: 'comparing' },
      });
    },
    'publish.cancel': () => advance({ state: { is: 'cancelled', kept: 0 } }),
    'publish.resume': () => advance({ state: { is: 'sending', current: [], bytesPerSecond: 0 } }),
    'release.rollback': ({ release: id }: CallParams<'release.rollback'>) => {
      const back = release(HEAD + 66, `Rollback of ${releases[0]?.name ?? ''}`, { reverts: id });
      releases = [back, ...releases];
      return back;
    },
    'release.list': () => releases,
    'target.list': () => shown.targets,
    'target.test': ({ target }: CallParams<'target.test'>) => {
      const certificate = { fingerprint, subject: 'Lockstep', issuer: 'Lockstep', validFrom: 0, validTo: 4e12 };
      return target?.trust?.by === 'fingerprint'
        ? { is: 'ready', certificate, lockstep: false, proof: 'size', folderMissing: true }
        : { is: 'confirm', certificate: { ...certificate, problem: 'DEPTH_ZERO_SELF_SIGNED_CERT' } };
    },
    'target.import': ({ text, only, dryRun }: CallParams<'target.import'>) => {
      const { kind, targets: found, skipped } = chooseLogins(text, []);
      const wanted = found.filter(({ place }) => only?.includes(place.name) ?? true);
      if (dryRun !== true) shown.targets = wanted.map(({ place }) => ({ ...place, password: 'file' }));
      return { kind, targets: wanted.map(({ place, password }) => ({ ...place, hasPassword: !!password })), skipped };
    },
    'target.add': ({ target }: CallParams<'target.add'>) => {
      shown.targets = [{ ...target, password: 'file' } as Target];
      return shown.targets[0];
    },
  });
  return Object.assign(shown, { engine, advance, finish, arrive });
}

export const test = base.extend<{ start: typeof startPublishing }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads a fixture's needs from this pattern
  start: async ({}, use) => {
    const started: ScriptedEngine[] = [];
    await use(async (...how) => {
      const publishing = await startPublishing(...how);
      started.push(publishing.engine);
      return publishing;
    });
    for (const engine of started) await engine.stop();
  },
});

/** Shows what publishing a folder would change. `comes`: from another screen. */
export async function review(page: Page, comes = true): Promise<void> {
  if (comes) await page.getByRole('link', { name: 'Publish' }).click();
  await page.getByLabel('Folder on origin').fill('/srv/build/dist');
  await page.getByRole('button', { name: 'See what would change' }).click();
  await expect(page.getByRole('heading', { name: 'What would change' })).toBeVisible();
}

function paths(count: number, name: (index: number) => string): SitePath[] {
  return Array.from({ length: count }, (_, index) => name(index) as SitePath);
}
