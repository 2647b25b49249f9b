import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Config, SiteConfig } from '../../shared/contract/config.ts';
import type { ErrorJson } from '../../shared/errors/app-error.ts';
import type { Result } from '../../shared/errors/result.ts';
import { sentence } from '../../shared/errors/sentences.en.ts';
import { editConfig, readConfig } from '../../electron/engine/config/config-file.ts';
import { parseConfig } from '../../electron/engine/config/parse-config.ts';
import { watchConfig } from '../../electron/engine/config/watch-config.ts';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { rightsOf } from '../support/rights.ts';
import { siteConfig } from '../support/site-config.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const site = (name: string): SiteConfig => siteConfig(name, `/srv/${name}`);

test('a new master has safe defaults, in a private folder', async () => {
  const dataDir = join(await temporaryFolder(), 'new', 'data');
  await initNode(dataDir, { role: 'master', name: 'tokyo' });
  expect(await readConfig(dataDir)).toEqual({
    version: 1,
    node: { name: 'tokyo', role: 'master' },
    ftp: {
      host: '0.0.0.0',
      port: 2121,
      tls: 'required',
      passive: { min: 0, max: 0 },
      active: false,
      closeNotify: true,
      resumeTls: false,
      limits: {
        sessions: 500,
        sessionsPerAddress: 100,
        idleSeconds: 300,
        stallSeconds: 60,
        listingEntries: 200_000,
        uploadBytes: 2 ** 40,
      },
    },
    link: { host: '0.0.0.0', port: 2122 },
    console: { host: '127.0.0.1', port: 0 },
    sites: [],
    follows: [],
    historyDays: 90,
    hooks: [],
  });
  expect(await rightsOf(dataDir, 0o700)).toBe(0o700);
  expect(await rightsOf(join(dataDir, 'config.json'), 0o600)).toBe(0o600);
});

test.each([
  ['one folder for two', ['/srv/a', '/srv/b', '/srv/a/'], { root: resolve('/srv/a') }],
  [
    'one in another, whichever comes first',
    ['/srv/a/b', '/srv/c', '/srv/a'],
    { root: resolve('/srv/a/b'), other: resolve('/srv/a') },
  ],
  ['one in the root of the disk', ['/', '/srv/a'], { root: resolve('/srv/a'), other: resolve('/') }],
  ['such as only begin alike', ['/srv/a', '/srv/ab', '/srv/a-b'], undefined],
])('folders of sites that would undo each other’s work are refused with the config: %s', (_, roots, clash) => {
  const ftp = { host: '127.0.0.1', port: 0, tls: 'required' };
  const sites = roots.map((root, at) => ({ name: `s${at}`, root }));
  const parsed = parseConfig(
    JSON.stringify({ version: 1, node: { name: 'origin', role: 'master' }, ftp, sites }),
    'config.json',
  );
  expect(parsed.ok ? undefined : parsed.error.toJSON()).toEqual(clash && { code: 'site.root-clash', params: clash });
});

test('a new mirror dials: it listens to nothing but its console', async () => {
  const dataDir = await temporaryFolder();
  const created = await initNode(dataDir, { role: 'mirror' });
  expect([created.ftp, created.link]).toEqual([undefined, undefined]);
  await expect(initNode(dataDir, { role: 'mirror' })).rejects.toMatchObject({ code: 'node.exists' });
  await expect(
    initNode(join(dataDir, 'other'), { role: 'mirror', ftp: { host: '::', port: 1 } }),
  ).rejects.toMatchObject({ code: 'node.wrong-role' });
});

test.each([
  ['{"version": 1\n  "node": 2}', /^c\.json: is not JSON: line 2, column 3: Expected ',' .+\. Correct the file\.$/],
  ['{"version": 1,\n  "node": }', "c.json: is not JSON: line 2, column 11: Unexpected token '}'. Correct the file."],
  [
    '{"version": 1,\n"password": h"unter2-and-more"}',
    "c.json: is not JSON: line 2, column 13: Unexpected token 'h'. Correct the file.",
  ],
  ['hunter2', "c.json: is not JSON: Unexpected token 'h'. Correct the file."],
  ['{"version": 1', /^c\.json: is not JSON: .+\. Correct the file\.$/],
  [
    '{"version": 1, "node": {"name": "a", "role": "mirror"}, "histroyDays": 3}',
    'c.json: histroyDays is not a known key. Did you mean “historyDays”?',
  ],
  [
    '{"version": 1, "node": {"name": "a", "role": "master"}, "ftp": {"host": "::", "port": 1, "tls": "optional", "limits": {"sesions": 3}}}',
    'c.json: ftp.limits.sesions is not a known key. Did you mean “sessions”?',
  ],
  [
    '{"version": 1, "node": {"name": "a", "role": "mirror"}, "sites": [{"name": "x", "root": "/x", "wacth": true}]}',
    'c.json: sites[0].wacth is not a known key. Did you mean “watch”?',
  ],
  [
    '{"version": 1, "node": {"name": "a", "role": "master"}}',
    'c.json: ftp is missing: a master needs it. Correct it, or take it out.',
  ],
  ['{"version": 1, "node": {"role": "mirror"}}', 'c.json: node.name is missing. Put it in.'],
  [
    '{"version": 1, "node": {"name": "a", "role": "mirror"}, "console": {"host": "::1", "port": 70000}}',
    /^c\.json: console\.port is not valid: .+65,535.* Correct it/,
  ],
])('a wrong config is refused by key and mend: %s', (text, expected) => {
  const parsed = parseConfig(text, 'c.json');
  if (parsed.ok) throw new Error('was accepted');
  expect(sentence(parsed.error)).toMatch(expected);
});

test('a broken file is never overwritten', async () => {
  const dataDir = await temporaryFolder();
  await initNode(dataDir, { role: 'mirror', name: 'osaka' });
  await writeFile(join(dataDir, 'config.json'), '{ "version": 1, oops');
  await expect(editConfig(dataDir, (config) => ({ ...config, historyDays: 1 }))).rejects.toMatchObject({
    code: 'config.invalid',
  });
  expect(await readFile(join(dataDir, 'config.json'), 'utf8')).toBe('{ "version": 1, oops');
});

test('a change that would break the config is refused', async () => {
  const dataDir = await temporaryFolder();
  await initNode(dataDir, { role: 'mirror', name: 'osaka' });
  const before = await readFile(join(dataDir, 'config.json'), 'utf8');
  const twice = [site('www'), site('www')];
  await expect(editConfig(dataDir, (config) => ({ ...config, sites: twice }))).rejects.toMatchObject({
    params: { key: 'sites[1].name', issue: 'twice' },
  });
  expect(await readFile(join(dataDir, 'config.json'), 'utf8')).toBe(before);
});

test('no edit is lost among many at once', async () => {
  const dataDir = await temporaryFolder();
  await initNode(dataDir, { role: 'mirror', name: 'osaka' });
  const names = Array.from({ length: 20 }, (_, index) => `site-${index}`);
  await Promise.all(
    names.map((name) => editConfig(dataDir, (config) => ({ ...config, sites: [...config.sites, site(name)] }))),
  );
  expect((await readConfig(dataDir)).sites.map((each) => each.name).sort()).toEqual(names.sort());
});

test('a folder without an install says so', async () => {
  const dataDir = await temporaryFolder();
  await expect(readConfig(dataDir)).rejects.toMatchObject({ code: 'node.missing' });
  await expect(readConfig(join(dataDir, 'nowhere'))).rejects.toMatchObject({ code: 'node.missing' });
  await expect(editConfig(join(dataDir, 'nowhere'), (config) => config)).rejects.toMatchObject({
    code: 'node.missing',
  });
});

test("the watch reports others' edits, broken ones too, and passes over our own", async () => {
  const dataDir = await temporaryFolder();
  const path = join(dataDir, 'config.json');
  await initNode(dataDir, { role: 'mirror', name: 'osaka' });
  const reports = new Reports();
  const config = await readConfig(dataDir);
  const watch = watchConfig(
    dataDir,
    () => config,
    (result) => reports.add(result),
  );
  try {
    await reports.settle();
    await editConfig(dataDir, (config) => ({ ...config, historyDays: 5 }));
    await reports.settle();
    const ours = await readFile(path, 'utf8');
    await writeFile(path, ours.replace('"historyDays": 5', '"historyDays": 6'));
    await reports.until(1);
    await writeFile(path, 'oops');
    await reports.until(2);
    await writeFile(path, ours);
    await reports.until(3);
    expect(reports.seen).toEqual([6, 'config.invalid', 5]);
  } finally {
    watch.stop();
  }
});

test('the watch reports what was changed between the reading of the config and its own start, and nothing where that is nothing', async () => {
  const dataDir = await temporaryFolder();
  const path = join(dataDir, 'config.json');
  await initNode(dataDir, { role: 'mirror', name: 'osaka' });
  const inForce = await readConfig(dataDir);
  // As an editor writes it: not the same text, the same config.
  await writeFile(path, JSON.stringify(JSON.parse(await readFile(path, 'utf8'))));
  const [same, changed] = [new Reports(), new Reports()];
  const watches = [
    watchConfig(
      dataDir,
      () => inForce,
      (result) => same.add(result),
    ),
  ];
  watches.push(
    watchConfig(
      dataDir,
      () => ({ ...inForce, historyDays: 7 }),
      (result) => changed.add(result),
    ),
  );
  try {
    await changed.until(1);
    await same.settle();
    expect([same.seen, changed.seen]).toEqual([[], [inForce.historyDays]]);
  } finally {
    for (const watch of watches) watch.stop();
  }
});

class Reports {
  readonly seen: (number | ErrorJson['code'])[] = [];
  #wake: () => void = () => undefined;

  add(result: Result<Config>): void {
    this.seen.push(result.ok ? result.value.historyDays : result.error.code);
    this.#wake();
  }

  /** Long enough for a watch to have looked twice. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 1_600));
  }

  async until(count: number): Promise<void> {
    while (this.seen.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

test('a config that was gone, and is back as this process has written it, is reported as in force', async () => {
  const dataDir = await temporaryFolder();
  await initNode(dataDir, { role: 'master' });
  const inForce = await editConfig(dataDir, (config) => ({ ...config, historyDays: 12 }));
  const told: boolean[] = [];
  const watch = watchConfig(
    dataDir,
    () => inForce,
    ({ ok }) => void told.push(ok),
  );
  onTestFinished(() => watch.stop());
  const [file, aside] = [join(dataDir, 'config.json'), join(dataDir, 'aside')];
  await rename(file, aside);
  await expect.poll(() => told).toEqual([false]);
  await rename(aside, file);
  await expect.poll(() => told).toEqual([false, true]);
});

describe('a config that others change while the install is at rest', () => {
  async function atRest(dataDir: string) {
    await initNode(dataDir, { role: 'mirror', name: 'osaka' });
    const config = await readConfig(dataDir);
    const reports = new Reports();
    const watch = watchConfig(
      dataDir,
      () => config,
      (result) => reports.add(result),
    );
    onTestFinished(() => watch.stop());
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    return { reports, text: (days: number) => JSON.stringify({ ...config, historyDays: days }) };
  }
  /** How long it takes until it is reported, in milliseconds. */
  async function takes(reports: Reports, change: () => Promise<void>): Promise<number> {
    const [began, count] = [performance.now(), reports.seen.length + 1];
    await change();
    await reports.until(count);
    return performance.now() - began;
  }

  test('is heard of within two seconds, each time: written in place, or another file renamed to its name', async () => {
    const dataDir = await temporaryFolder();
    const { reports, text } = await atRest(dataDir);
    const [path, made] = [join(dataDir, 'config.json'), join(dataDir, 'made')];
    for (const days of [1, 2, 3, 4]) {
      const change = async (): Promise<void> => {
        await writeFile(days % 2 === 0 ? path : made, text(days));
        if (days % 2 === 1) await rename(made, path);
      };
      expect(await takes(reports, change)).toBeLessThan(2_000);
    }
    expect(await takes(reports, () => rm(path))).toBeLessThan(2_000);
    expect(await takes(reports, () => writeFile(path, text(5)))).toBeLessThan(3_000);
    expect(reports.seen).toEqual([1, 2, 3, 4, 'node.missing', 5]);
  });

  test('is heard of where the system tells of nothing: a symbolic link within three seconds, another folder within eleven', async () => {
    const folder = await temporaryFolder();
    const [dataDir, away] = [join(folder, 'data'), join(folder, 'away')];
    const { reports, text } = await atRest(dataDir);
    const swap = async (): Promise<void> => {
      await mkdir(join(folder, 'other'));
      await writeFile(join(folder, 'one'), text(2));
      await symlink(join(folder, 'one'), join(folder, 'other', 'config.json'));
      await rename(dataDir, away);
      await rename(join(folder, 'other'), dataDir);
    };
    expect(await takes(reports, swap)).toBeLessThan(11_500);
    const turn = async (): Promise<void> => {
      await writeFile(join(folder, 'two'), text(3));
      await symlink(join(folder, 'two'), join(folder, 'link'));
      await rename(join(folder, 'link'), join(dataDir, 'config.json'));
    };
    expect(await takes(reports, turn)).toBeLessThan(3_500);
    expect(reports.seen).toEqual([2, 3]);
  });
});
