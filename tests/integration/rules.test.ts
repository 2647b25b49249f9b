import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, inProcess, newMaster } from '../support/commands.ts';
import { ftpLogin } from '../support/ftp-login.ts';
import { runLockstep } from '../support/lockstep.ts';
import { type Install, type Network, PASSWORD, startNetwork, USER } from '../support/network.ts';
import { until } from '../support/until.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface SiteJson {
  groups?: { name: string; members: string[]; rule: string }[];
  links?: object;
}

async function editSite(install: Pick<Install, 'dataDir'>, change: (site: SiteJson) => SiteJson): Promise<void> {
  const file = join(install.dataDir, 'config.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as { sites: SiteJson[] };
  await writeFile(file, JSON.stringify({ ...config, sites: config.sites.map(change) }));
}

const groupNames = async (install: Pick<Install, 'dataDir'>): Promise<string[]> =>
  (await ask('group list', install.dataDir)).map(({ name }) => name);

async function uploadFolder(network: Network, files: Readonly<Record<string, string>>): Promise<void> {
  const folder = await temporaryFolder();
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
  const client = await ftpLogin({ port: network.ftpPort, user: USER, password: PASSWORD, tls: true });
  await client.uploadFromDir(folder);
}

test('rules that are set at the master, by command or by hand, are known at the mirror', async () => {
  const network = await startNetwork();
  const { master, tokyo } = network;
  const headSeq = async (): Promise<number> => (await master.status()).sites[0]?.headSeq ?? -1;
  await ask('group add', master.dataDir, 'front', '--member', 'index.html', '--member', '*.css', '--rule', 'settle');
  await ask('group add', master.dataDir, 'spring', '--member', 'spring/**', '--rule', 'release');
  await master.must('wait');
  expect(await ask('group list', tokyo.dataDir)).toEqual(await ask('group list', master.dataDir));

  const { seq } = await ask('group commit', master.dataDir, 'spring');
  const before = await headSeq();
  await editSite(master, (site) => ({ ...site, groups: site.groups?.toReversed() ?? [], links: { missing: 500 } }));
  await until(async () => (await groupNames(master))[0] === 'spring', 'the edit is in force');
  await master.must('wait');
  // What was committed is not in the config, and is not lost by an edit.
  expect(await ask('group list', tokyo.dataDir)).toMatchObject([
    { name: 'spring', committed: seq },
    { name: 'front', committed: 0 },
  ]);
  expect(await headSeq()).toBe(before + 1);

  await master.stop();
  await editSite(master, (site) => ({ ...site, groups: [] }));
  await master.start();
  await master.must('wait');
  expect(await groupNames(tokyo)).toEqual([]);
  expect(await headSeq()).toBe(before + 2);

  for (const args of [
    ['group', 'add', 'x', '--member', 'x', '--rule', 'all'],
    ['group', 'commit', 'x'],
    ['link', 'add', 'x', 'y'],
    ['release', 'list'],
    ['release', 'show', '1'],
    ['route', 'list'],
  ])
    expect(await inProcess([...args, '--data', tokyo.dataDir])).toEqual({
      code: 1,
      out: '',
      err: 'lockstep: This is done on a master, but this install is a mirror. Give the command on the other install. (node.wrong-role)\n',
    });
});

test('rules that are not right are named, and those in force stay', async () => {
  const master = await newMaster();
  await ask('site add', master.dataDir, 'www', master.root);
  await runLockstep(master.dataDir);
  await ask('group add', master.dataDir, 'front', '--member', 'index.html', '--rule', 'all');
  const file = join(master.dataDir, 'config.json');
  const good = await readFile(file, 'utf8');
  const group = { name: 'a', members: ['a'], rule: 'all' };
  const broken: readonly (readonly [SiteJson, RegExp])[] = [
    [{ groups: [group, group] }, /sites\[0\]\.groups\[1\]\.name is not valid: it is there twice/],
    [
      { groups: [{ ...group, members: [] }] },
      /groups\[0\]\.members is not valid: it has too few entries; the minimum is 1\./,
    ],
    [{ groups: [{ ...group, members: ['{a'] }] }, /groups\[0\]\.members\[0\] is not valid: its “\{” is not closed/],
    [{ groups: [{ ...group, rule: 'any' }] }, /rule is not valid: it must be one of all, settle, release/],
    [{ links: { missing: 1e12 } }, /links\.missing is not valid: it must be at most 604,800,000/],
    [
      { links: { set: [{ glob: '**', target: '../x' }] } },
      /links\.set\[0\]\.target is not valid: it is not a path within a site/,
    ],
    [{ links: { urls: ['www.example.org'] } }, /links\.urls\[0\] is not valid: it must be an http/],
    [{ links: { wiat: true } }, /links\.wiat is not a known key\./],
  ];
  for (const [site, complaint] of broken) {
    await editSite(master, (before) => ({ ...before, groups: [], links: {}, ...site }));
    await until(
      async () => complaint.test((await inProcess(['doctor', '--data', master.dataDir])).out),
      `doctor complains of ${JSON.stringify(site)}`,
    );
    const refused = await inProcess(['group', 'remove', 'front', '--data', master.dataDir]);
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(complaint)]);
    expect(await groupNames(master)).toEqual(['front']);
  }
  await writeFile(file, good);
  await ask('group remove', master.dataDir, 'front');
});

test('links and releases are seen from both ends', async () => {
  const network = await startNetwork();
  const { master, tokyo, osaka } = network;
  await uploadFolder(network, { 'index.html': '<a href="about.html">a</a>', 'about.html': '<img src="gone.png">' });
  await network.inStep();
  const links = await ask('link list', master.dataDir);
  expect(links).toEqual([
    { site: 'www', page: 'about.html', target: 'gone.png', kind: 'found', missing: true },
    { site: 'www', page: 'index.html', target: 'about.html', kind: 'found', missing: false },
  ]);
  expect(await ask('link list', tokyo.dataDir)).toEqual(links);
  expect(await ask('link missing', osaka.dataDir)).toEqual(links.slice(0, 1));

  const folder = await temporaryFolder();
  for (const name of ['index.html', 'new.html']) await writeFile(join(folder, name), `spring ${name}`);
  const { release } = await ask('release publish', master.dataDir, folder, '--name', 'spring', '--together');
  await network.inStep();
  const shown = async (): Promise<object> => ask('release show', master.dataDir, String(release?.id));
  await until(async () => 'convergedMillis' in (await shown()), 'both have reported');
  const times = { readyAt: expect.any(Number), publishedAt: expect.any(Number) };
  expect(await ask('release list', master.dataDir)).toEqual([
    {
      ...release,
      together: { limit: 60_000 },
      goAt: expect.any(Number),
      peers: expect.arrayContaining([
        { peer: 'tokyo', ...times },
        { peer: 'osaka', ...times },
      ]),
      convergedMillis: expect.any(Number),
      skewMillis: expect.any(Number),
    },
  ]);
  const { out } = await inProcess(['release', 'show', String(release?.id), '--data', master.dataDir]);
  expect(out).toMatch(/between the first mirror and the last\./);
  expect(out).toMatch(/^ {2}tokyo {2}shown {2}after /m);
  expect(out).toMatch(/^ {2}~ index\.html\n {2}\+ new\.html$/m);

  await ask('release rollback', master.dataDir, String(release?.id));
  await network.inStep();
  expect(await readFile(join(tokyo.root, 'index.html'), 'utf8')).toContain('about.html');
  expect(await ask('route test', master.dataDir, 'index.html')).toEqual({
    path: 'index.html',
    route: null,
    mirrors: ['osaka', 'tokyo'],
  });
});

test('a route that takes files away from mirrors says so, and before it does where it is asked', async () => {
  const network = await startNetwork();
  const { master } = network;
  await uploadFolder(network, { 'index.html': 'a', 'b.css': 'b', 'c.css': 'c' });
  await network.inStep();
  const dry = await ask('route add', master.dataDir, '*.css', 'tokyo', '--dry-run');
  expect(dry).toMatchObject({
    files: 3,
    nobody: 1,
    mirrors: [
      { mirror: 'osaka', loses: 3, gains: 0, gets: 0 },
      { mirror: 'tokyo', loses: 1, gains: 0, gets: 2 },
    ],
  });
  expect(await ask('route list', master.dataDir)).toEqual([]);
  const { out } = await master.run('route add', ['*.css', 'tokyo', '--site', 'www', '--dry-run']);
  expect(out).toContain("To keep them: lockstep route add '**' all --site www");
  const added = await master.run('route add', ['*.css', 'tokyo']);
  expect(added).toMatchObject({ code: 0, out: expect.stringContaining('*.css') });
  expect(added.err).toContain('2 mirrors no longer get up to 3 files: osaka (3), tokyo (1).');
  expect(added.err).toContain("1 file would go to no mirror at all. To keep them: lockstep route add '**' all");
  expect((await master.run('route add', ['**', 'all'])).err).toBe('');
});
