import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import type { siteRules } from '../../shared/contract/rules.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { startMaster, startMirror, type TestMaster, type TestMirror } from '../support/master-and-mirror.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

/** Files that have to be of one round whenever somebody looks. */
const SETS = {
  all: ['all-0', 'all-1', 'all-2'],
  settle: ['settle-0', 'settle-1', 'settle-2'],
  commit: ['commit-0', 'commit-1', 'commit-2'],
  release: ['release-0', 'release-1', 'release-2'],
} as const;
type SetName = keyof typeof SETS;

type Action =
  | { do: 'page'; path: string; links: readonly string[] }
  | { do: 'asset' | 'remove'; path: string }
  | { do: 'rename'; path: string; to: string }
  | { do: 'round'; set: SetName; order: readonly number[]; trouble: readonly Trouble[] }
  | { do: Trouble };
type Trouble = 'cut' | 'connect' | 'restart' | 'breathe';

const LONG = 3_600_000;
const GROUPS: z.input<typeof siteRules>['groups'] = [
  { name: 'all', members: [...SETS.all], rule: 'all' },
  { name: 'settle', members: ['settle-*'], rule: 'settle', settle: 700 },
  { name: 'commit', members: ['commit-*'], rule: 'release' },
];
const PATIENT: z.input<typeof siteRules> = {
  groups: GROUPS,
  links: { missing: LONG, late: LONG, deleted: LONG },
};
/** At the end: what leads nowhere at the master too is let go. */
const AT_ONCE: z.input<typeof siteRules> = { groups: GROUPS, links: { missing: 0, late: 0, deleted: 0 } };

const page = fc.constantFrom('a.html', 'b.html', 'c.html', 'index.html');
const asset = fc.constantFrom('x.png', 'y.png', 'z.png');
const file = fc.oneof(page, asset);
const trouble = fc.constantFrom<Trouble>('cut', 'connect', 'connect', 'restart', 'breathe');
const links = fc.uniqueArray(fc.oneof(file, fc.constantFrom('all-0', 'release-1', '/')), { maxLength: 3 });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('page' as const), path: page, links }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('asset' as const), path: asset }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), path: file }) },
  {
    weight: 2,
    arbitrary: fc.oneof(
      fc.record({ do: fc.constant('rename' as const), path: page, to: page }),
      fc.record({ do: fc.constant('rename' as const), path: asset, to: asset }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('round' as const),
      set: fc.constantFrom<SetName>('all', 'commit', 'release', 'release', 'settle'),
      order: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
      trouble: fc.array(trouble, { maxLength: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: trouble }) },
);

const BY = { account: 'tester' };

interface Ending {
  readonly faults: readonly string[];
  /** Of the mirror, and of the master. */
  readonly trees: readonly unknown[];
  readonly waits: readonly unknown[];
  readonly bugs: readonly unknown[];
  readonly staging: readonly string[];
}

/** A master and a mirror that is cut off and restarted, and somebody who looks at its folder all the time. */
class Play {
  readonly #folder: string;
  readonly #master: TestMaster;
  #mirror: TestMirror;
  #turn = 0;
  /** What was seen that must never be seen. Nothing of the mirror runs while it is looked at: it is no matter of a moment. */
  readonly #faults = new Set<string>();

  private constructor(folder: string, master: TestMaster, mirror: TestMirror) {
    this.#folder = folder;
    this.#master = master;
    this.#mirror = mirror;
  }

  static async of(actions: readonly Action[]): Promise<Ending> {
    const folder = await mkdtemp(join(await realpath(tmpdir()), 'lockstep-property-'));
    const master = await startMaster(join(folder, 'master'));
    const play = new Play(folder, master, await startMirror(join(folder, 'mirror'), 'tokyo'));
    const watching = setInterval(() => play.#look(), 2);
    try {
      await master.rules(PATIENT);
      // A snapshot says nothing of releases: what is tried here is what is told change by change.
      play.#mirror.connect(master);
      await play.#mirror.inStep(master);
      for (const step of actions) await play.#act(step);
      return await play.#end();
    } finally {
      clearInterval(watching);
      await play.#mirror.stop();
      await master.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #act(step: Action): Promise<void> {
    const master = this.#master;
    this.#turn += 1;
    switch (step.do) {
      case 'page':
        return attempt(() =>
          master.put(step.path, `${this.#turn}${step.links.map((link) => `<a href="${link}"></a>`).join('')}`),
        );
      case 'asset':
        return attempt(() => master.put(step.path, `${this.#turn}`));
      case 'remove':
        return attempt(() => master.remove(step.path));
      case 'rename':
        return attempt(() => master.rename(step.path, step.to));
      case 'round':
        return this.#round(step);
      default:
        return this.#trouble(step.do);
    }
  }

  async #trouble(trouble: Trouble): Promise<void> {
    switch (trouble) {
      case 'cut':
        return this.#mirror.cut();
      case 'connect':
        return this.#mirror.connect(this.#master);
      case 'restart':
        await this.#mirror.stop();
        this.#mirror = await startMirror(join(this.#folder, 'mirror'), 'tokyo');
        return;
      case 'breathe':
        await sleep(5);
    }
  }

  /**
   * All files of a set change, with troubles in between. A group that is published from again before it has appeared is
   * no longer one of one round; a release stays one.
   */
  async #round({ set, order, trouble }: Extract<Action, { do: 'round' }>): Promise<void> {
    const master = this.#master;
    const names = order.flatMap((at) => SETS[set][at] ?? []);
    const content = `round ${this.#turn}`;
    if (set === 'release') {
      const release = master.site.beginRelease(content, BY);
      for (const name of names) {
        const upload = await release.beginUpload(name as SitePath, { by: BY });
        await upload.write(Buffer.from(content));
        await upload.commit();
      }
      await release.commit({});
      for (const each of trouble) await this.#trouble(each);
      return;
    }
    for (const [at, name] of names.entries()) {
      await master.put(name, content);
      const each = trouble[at];
      // A settled group has appeared when its time is over: a mirror that is away then may hear of the rest later.
      if (each && set !== 'settle') await this.#trouble(each);
    }
    if (set === 'commit') {
      const committed = (groups: typeof PATIENT.groups = [], seq: number) =>
        groups.map((group) => ({ ...group, committed: seq }));
      await master.site.setRules(
        (now, seq) => ({ ...now, groups: committed(now.groups, seq) as typeof now.groups }),
        BY,
      );
    }
    this.#mirror.connect(master);
    await until(() => SETS[set].every((name) => this.#read(name) === content));
  }

  async #end(): Promise<Ending> {
    const master = this.#master;
    this.#mirror.connect(master);
    const faults = [...this.#faults];
    await master.site.setRules(
      (now) => ({ ...now, links: { ...now.links, ...AT_ONCE.links, set: [], wait: true } }) as typeof now,
      BY,
    );
    await this.#mirror.inStep(master);
    return {
      faults,
      trees: [await readTree(this.#mirror.rootFolder), await readTree(master.rootFolder)],
      waits: this.#mirror.site.waits(),
      bugs: this.#mirror.bugs,
      staging: await readdir(join(this.#mirror.rootFolder, '.lockstep', 'staging')),
    };
  }

  #read(name: string): string | undefined {
    try {
      return readFileSync(join(this.#mirror.rootFolder, name), 'utf8');
    } catch {
      return undefined;
    }
  }

  #look(): void {
    const names = readdirSync(this.#mirror.rootFolder);
    for (const name of names) {
      if (!name.endsWith('.html')) continue;
      for (const [, link = ''] of (this.#read(name) ?? '').matchAll(/href="([^"]*)"/g)) {
        const target = link === '/' ? 'index.html' : link;
        if (!names.includes(target)) this.#faults.add(`${name} links to ${target}, which is not there`);
      }
    }
    for (const set of Object.values(SETS)) {
      const rounds = new Set(set.map((name) => this.#read(name)));
      if (rounds.size > 1) this.#faults.add(`${set[0]} and others show ${[...rounds].join(' and ')}`);
    }
  }
}

async function play(actions: readonly Action[]): Promise<void> {
  const { trees, ...rest } = await Play.of(actions);
  expect(rest).toEqual({ faults: [], waits: [], bugs: [], staging: [] });
  expect(trees[0]).toEqual(trees[1]);
}

/** Refusals are part of the game. */
async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

const runs = Number(process.env['LOCKSTEP_PROPERTY_RUNS'] ?? 15);

test('whatever happens, nothing is shown without what belongs to it', {
  timeout: 300_000 + runs * 10_000,
}, async () => {
  await fc.assert(fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 30 }), play), {
    numRuns: runs,
    endOnFailure: process.env['LOCKSTEP_PROPERTY_FAST'] !== undefined,
  });
});

// What the property found, by hand.
test('a release that overtakes another on a link that breaks is shown whole', async () => {
  for (let times = 0; times < 5; times += 1)
    await play([
      { do: 'round', set: 'release', order: [2, 0, 1], trouble: [] },
      { do: 'round', set: 'release', order: [2, 0, 1], trouble: ['cut', 'restart', 'restart'] },
      { do: 'page', path: 'c.html', links: ['release-1', 'z.png'] },
    ]);
});

test('what was fetched for a change that a release has overtaken does not stand for the newer one', async () => {
  for (let times = 0; times < 5; times += 1)
    await play([
      { do: 'page', path: 'b.html', links: ['/'] },
      { do: 'round', set: 'release', order: [2, 0, 1], trouble: [] },
      { do: 'round', set: 'release', order: [2, 0, 1], trouble: ['cut', 'restart', 'restart'] },
      { do: 'round', set: 'settle', order: [0, 1, 2], trouble: [] },
    ]);
});
