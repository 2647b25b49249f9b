import { rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../shared/errors/app-error.ts';
import { startMaster, startMirror, type TestMirror } from '../support/master-and-mirror.ts';
import { readTree } from '../support/tree.ts';

type Action =
  | { do: 'put'; path: string; content: string }
  | { do: 'touch'; path: string; mtime: number }
  | { do: 'remove' | 'mkdir' | 'rmdir'; path: string }
  | { do: 'rename'; path: string; to: string }
  | { do: 'cut' | 'connect' | 'restart' | 'settle' | 'breathe' }
  | { do: 'pause' | 'resume'; at: 'master' | 'mirror' };

// Few names, so that files, folders and their histories collide.
const name = fc.constantFrom('a', 'b', 'c');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const content = fc.constantFrom('', 'one', 'two', 'three', 'four');
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), path, content }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('mkdir' as const), path }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('remove' as const, 'rmdir' as const), path }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('rename' as const), path, to: path }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('touch' as const), path, mtime: fc.nat(2_000_000_000_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('cut' as const, 'connect' as const, 'breathe' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('restart' as const, 'settle' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('pause' as const, 'resume' as const),
      at: fc.constantFrom('master' as const, 'mirror' as const),
    }),
  },
);

/** Refusals are part of the game: a folder that is not empty, a file where a folder should be. */
async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

async function play(actions: readonly Action[], routed: boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-property-'));
  const routes = routed
    ? [
        { glob: '**/c', mirrors: [] },
        { glob: '**', mirrors: 'all' as const },
      ]
    : [];
  const master = await startMaster(join(folder, 'master'), routes);
  let mirror: TestMirror = await startMirror(join(folder, 'mirror'), 'tokyo');
  let pausedThere: number | undefined;
  const pause = (at: 'master' | 'mirror'): void => {
    if (at === 'master') return master.ask(mirror, { pausedAt: Date.now() });
    pausedThere = Date.now();
    mirror.pause();
  };
  const resume = (at: 'master' | 'mirror'): void => {
    if (at === 'master') return master.ask(mirror, {});
    pausedThere = undefined;
    mirror.resume();
  };
  try {
    for (const step of actions) {
      switch (step.do) {
        case 'put':
          await attempt(() => master.put(step.path, step.content));
          break;
        case 'touch':
          await attempt(() => master.touch(step.path, step.mtime));
          break;
        case 'remove':
          await attempt(() => master.remove(step.path));
          break;
        case 'mkdir':
          await attempt(() => master.mkdir(step.path));
          break;
        case 'rmdir':
          await attempt(() => master.rmdir(step.path));
          break;
        case 'rename':
          await attempt(() => master.rename(step.path, step.to));
          break;
        case 'cut':
          mirror.cut();
          break;
        case 'connect':
          mirror.connect(master);
          break;
        case 'restart':
          await mirror.stop();
          mirror = await startMirror(join(folder, 'mirror'), 'tokyo', {}, pausedThere);
          break;
        case 'pause':
          pause(step.at);
          break;
        case 'resume':
          resume(step.at);
          break;
        case 'settle':
          resume('master');
          resume('mirror');
          mirror.connect(master);
          await mirror.inStep(master);
          break;
        case 'breathe':
          await new Promise((resolve) => setTimeout(resolve, 3));
          break;
      }
    }
    // Whatever is paused goes on, on a link that is there or on a new one.
    if (actions.length % 2 === 0) mirror.connect(master);
    resume('master');
    resume('mirror');
    if (actions.length % 2 === 1) mirror.connect(master);
    await mirror.inStep(master);
    const expected = await readTree(master.rootFolder);
    const wanted = Object.entries(expected).filter(([path]) => !routed || !/(^|\/)c\/?$/.test(path));
    const actual = await readTree(mirror.rootFolder);
    if (!routed) expect(actual).toEqual(expected);
    // Folders above routed files come into being by themselves.
    else expect(Object.entries(actual).filter(([path]) => !/(^|\/)c\/$/.test(path))).toEqual(wanted);
    expect(mirror.bugs).toEqual([]);
  } finally {
    await mirror.stop();
    await master.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const runs = Number(process.env['LOCKSTEP_PROPERTY_RUNS'] ?? 60);

test('any interleaving of changes and disconnects ends in equal trees', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 40 }), (actions) => play(actions, false)),
    { numRuns: runs, endOnFailure: process.env['LOCKSTEP_PROPERTY_FAST'] !== undefined },
  );
});

test('the same with a route that leaves files out', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 30 }), (actions) => play(actions, true)),
    { numRuns: Math.ceil(runs / 3) },
  );
});
