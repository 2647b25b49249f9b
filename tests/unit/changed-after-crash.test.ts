import { createHash } from 'node:crypto';
import fs, { existsSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FOREIGN_SEQ } from '../../electron/engine/store/mirror-state.ts';
import { copyWhole } from '../../electron/engine/tree/link-or-copy.ts';
import { identityAt, seenOf, type Step } from '../../electron/engine/tree/steps.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { startPublisher } from '../support/site-publisher.ts';

const PATH = 'page.html' as SitePath;
const OLD = 'old.html' as SitePath;
const OURS = 'ours';
const NEW = 'newer';
const THEIRS = 'of somebody';

const hashOf = (content: string): string => createHash('sha256').update(content).digest('hex');

/** A crash came right after something was decided about a file that stands at its path, or about nothing there, and before any of it was done. */
async function crashed(what: 'placed' | 'placed anew' | 'removed' | 'renamed') {
  const { state, root, drift, start } = await startPublisher();
  const at = join(root.folder, PATH);
  if (what !== 'placed anew') await writeFile(at, OURS);
  if (what === 'renamed') await writeFile(join(root.folder, OLD), NEW);
  await writeFile(join(root.staging, 'f-1'), NEW);
  const look = (absolute: string): string => seenOf(statSync(absolute, { bigint: true }));
  const onto = what === 'placed anew' ? 'nothing' : look(at);
  const identity = what === 'placed anew' ? '' : await identityAt(root, PATH);
  const place: Step = { do: 'place', from: 'staging', staged: 'f-1', path: PATH, onto };
  const plans: Record<typeof what, () => Promise<Step>> = {
    placed: async () => place,
    'placed anew': async () => place,
    removed: async () => ({ do: 'remove', path: PATH, identity, seen: onto }),
    renamed: async () => ({
      do: 'move',
      from: OLD,
      path: PATH,
      identity: await identityAt(root, OLD),
      seen: look(join(root.folder, OLD)),
      replaces: identity,
      onto,
    }),
  };
  const plan = [await plans[what]()];
  state.store.run('INSERT INTO plan (site, steps) VALUES (?, ?)', state.site, JSON.stringify(plan));
  if (what !== 'removed')
    state.setEntry(PATH, { kind: 'file', size: NEW.length, mtime: 5000, sha256: hashOf(NEW), refs: [] }, 7);
  return { state, root, drift, start, at };
}

const saves = {
  'writes to it': (at: string) => {
    const { mtimeMs } = statSync(at, { throwIfNoEntry: false }) ?? { mtimeMs: 0 };
    writeFileSync(at, THEIRS);
    // However soon that was.
    utimesSync(at, 9, mtimeMs / 1000 + 9);
  },
  'puts another file in its place': (at: string) => {
    writeFileSync(`${at}~`, THEIRS);
    renameSync(`${at}~`, at);
  },
};
const ways = Object.keys(saves) as (keyof typeof saves)[];

test.each((['placed', 'placed anew', 'renamed'] as const).flatMap((what) => ways.map((save) => [what, save] as const)))(
  'where a file was to be %s, nothing is lost by the start after a crash where somebody %s before it',
  async (what, save) => {
    const { state, start, at } = await crashed(what);
    saves[save](at);
    await start();
    expect(await readFile(at, 'utf8')).toBe(THEIRS);
    // Whoever puts the master's in its place has to keep it.
    expect([state.entry(PATH), state.wants.of(PATH)]).toMatchObject([
      { sha256: hashOf(THEIRS), seq: FOREIGN_SEQ },
      { target: { sha256: hashOf(NEW) } },
    ]);
  },
);

test.each(ways)(
  'a file that was to be removed stays where somebody %s before the start after a crash',
  async (save) => {
    const { state, start, at } = await crashed('removed');
    saves[save](at);
    await start();
    expect([await readFile(at, 'utf8'), state.entry(PATH)]).toEqual([THEIRS, undefined]);
  },
);

test.each([
  ['goes', OURS],
  ['stays where somebody has written to it since', THEIRS],
])(
  'a removed file of which the version was taken for another name, and that a loss of power brings back, %s',
  async (_, is) => {
    const { state, root, start, at } = await crashed('removed');
    const keep: Step = {
      do: 'keep',
      path: PATH,
      identity: await identityAt(root, PATH),
      sha256: hashOf(OURS),
    };
    const [row] = state.store.all('SELECT steps FROM plan');
    const removal = JSON.parse(String(row?.['steps'])) as Step[];
    state.store.run('UPDATE plan SET steps = ?', JSON.stringify([keep, ...removal]));
    writeFileSync(at, is);
    // What is taken gets the time that is wanted there, and is the same file.
    utimesSync(at, 9, 9);
    await start();
    expect(existsSync(at)).toBe(is === THEIRS);
  },
);

test.each(['placed', 'placed anew', 'renamed'] as const)(
  'where nobody did a file that was to be %s is',
  async (what) => {
    const { state, start, at, drift } = await crashed(what);
    await start();
    expect([await readFile(at, 'utf8'), state.entry(PATH)?.seq, drift.in('replaced', 9)]).toEqual([NEW, 7, []]);
  },
);

test.each(['placed', 'removed', 'renamed'] as const)(
  'where the Lockstep before an update, which did not note sizes, crashed, a file that was to be %s is',
  async (what) => {
    const { state, start, at, drift } = await crashed(what);
    const [row] = state.store.all('SELECT steps FROM plan');
    const noted = String(row?.['steps']).replaceAll(/("(?:seen|onto)":"-?\d+-\d+--?\d+)-\d+"/g, '$1"');
    expect(noted).not.toBe(row?.['steps']);
    state.store.run('UPDATE plan SET steps = ?', noted);
    await start();
    expect(drift.in('replaced', 9)).toEqual([]);
    if (what === 'removed') expect(existsSync(at)).toBe(false);
    else expect([await readFile(at, 'utf8'), state.entry(PATH)?.seq]).toEqual([NEW, 7]);
  },
);

test('what was put in its place, and replaced by somebody while power was off, is kept before it is put there again', async () => {
  const { state, root, start, at } = await crashed('placed');
  renameSync(join(root.staging, 'f-1'), at);
  state.store.run("UPDATE site SET boot = 'another'");
  saves['puts another file in its place'](at);
  await start();
  expect(await readFile(at, 'utf8')).toBe(THEIRS);
  expect(state.entry(PATH)).toMatchObject({ sha256: hashOf(THEIRS), seq: FOREIGN_SEQ });
});

test('what the disk has kept of before is nobody else’s, whatever time it had', async () => {
  const { state, root, start, at } = await crashed('placed');
  // It was given that time before, which the disk has lost, as it has lost the file that was to take its place.
  const touch: Step = { do: 'touch', path: PATH, mtime: statSync(at).mtimeMs | 0, was: 3000 };
  state.store.run('UPDATE plan SET id = id + 1');
  state.store.run('INSERT INTO plan (id, site, steps, done) VALUES (1, ?, ?, 1)', state.site, JSON.stringify([touch]));
  utimesSync(at, 3, 3);
  await rm(join(root.staging, 'f-1'));
  await start();
  expect([await readFile(at, 'utf8'), state.entry(PATH)]).toMatchObject([OURS, { sha256: hashOf(OURS), seq: 0 }]);
});

test.each(['again in this boot, undone', 'after another boot'] as const)(
  'on a disk without hard links what stands there is nobody else’s for having another number (%s)',
  async (when) => {
    const { state, root, start, at, drift } = await crashed('placed');
    withoutHardLinks();
    // A set was undone, which puts back a copy, or the disk has numbered its files anew.
    const number = async (file: string): Promise<void> => {
      await copyWhole(file, `${file}~`);
      await rename(`${file}~`, file);
    };
    await number(at);
    if (when === 'after another boot') {
      await rm(join(root.staging, 'f-1'));
      state.store.run("UPDATE site SET boot = 'another'");
    }
    await start();
    const isDone = when !== 'after another boot';
    expect([await readFile(at, 'utf8'), state.entry(PATH), drift.in('replaced', 9)]).toMatchObject([
      isDone ? NEW : OURS,
      { sha256: hashOf(isDone ? NEW : OURS), seq: isDone ? 7 : 0 },
      [],
    ]);
  },
);

test('nor does what somebody has put there count as ours on such a disk', async () => {
  const { state, start, at } = await crashed('placed');
  withoutHardLinks();
  saves['puts another file in its place'](at);
  await start();
  expect([await readFile(at, 'utf8'), state.entry(PATH)?.seq]).toEqual([THEIRS, FOREIGN_SEQ]);
});

function withoutHardLinks(): void {
  const { linkSync } = fs;
  const set = (link: typeof linkSync): void => {
    fs.linkSync = link;
    syncBuiltinESMExports();
  };
  set(() => {
    throw Object.assign(new Error('no hard links'), { code: 'EPERM', syscall: 'link' });
  });
  onTestFinished(() => set(linkSync));
}
