import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, inProcess, newMaster } from '../support/commands.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A master with one site: a page, its picture, and links that lead nowhere. */
async function masterWithSite(): Promise<{ dataDir: string; root: string }> {
  const master = await newMaster();
  await mkdir(join(master.root, 'img'));
  await mkdir(join(master.root, 'docs'));
  const page =
    '<a href="gone.html">1</a><a href="none/">2</a><a href="docs">3</a><img src="img/a.png"><a href="/">4</a>';
  await writeFile(join(master.root, 'index.html'), page);
  await writeFile(join(master.root, 'docs', 'index.htm'), '<a href="../gone.html">up</a>');
  await writeFile(join(master.root, 'img', 'a.png'), 'a');
  await ask('site add', master.dataDir, 'www', master.root);
  return master;
}

async function refused(
  dataDir: string,
  words: string,
  ...args: string[]
): Promise<{ code: number | null; err: string }> {
  const { code, out, err } = await inProcess([...words.split(' '), ...args, '--data', dataDir]);
  expect(out).toBe('');
  return { code, err: err.split('\n')[0] ?? '' };
}

test('groups are added, changed, committed and removed', async () => {
  const { dataDir } = await masterWithSite();
  expect(await ask('group list', dataDir)).toEqual([]);
  const members = ['--member', 'index.html', '--member', '/img/**'];
  expect(await ask('group add', dataDir, 'front', ...members, '--rule', 'all')).toEqual({
    site: 'www',
    name: 'front',
  });
  await ask(
    'group add',
    dataDir,
    '春',
    '--site',
    'www',
    '--member',
    'spring/**',
    '--rule',
    'release',
    '--then',
    'hold',
  );
  const front = {
    site: 'www',
    name: 'front',
    members: ['index.html', 'img/**'],
    rule: 'all',
    settle: 2000,
    limit: 60_000,
    atLimit: 'publish',
    committed: 0,
  };
  const spring = { ...front, name: '春', members: ['spring/**'], rule: 'release', limit: null, atLimit: 'hold' };
  expect(await ask('group list', dataDir)).toEqual([front, spring]);

  const { seq } = await ask('group commit', dataDir, '春');
  await ask(
    'group add',
    dataDir,
    'front',
    ...members,
    '--rule',
    'settle',
    '--settle',
    '500ms',
    '--limit',
    'none',
    '--replace',
  );
  expect(await ask('group list', dataDir, '--site', 'www')).toEqual([
    { ...front, rule: 'settle', settle: 500, limit: null },
    { ...spring, committed: seq },
  ]);
  const { out } = await inProcess(['group', 'list', '--data', dataDir]);
  expect(out).toBe(
    'www  front  settle 500ms  no limit  index.html  img/**\nwww  春     release       no limit  spring/**\n',
  );
  // The journal numbers the commit and the change after it: a mirror hears of them in its order.
  const { sites } = await ask('status', dataDir);
  expect(sites[0]?.headSeq).toBe(seq + 2);
  expect((await ask('history', dataDir)).map(({ op }) => op)).not.toContain('rules');

  await ask('group remove', dataDir, '春');
  expect((await ask('group list', dataDir)).map(({ name }) => name)).toEqual(['front']);
  const config = JSON.parse(await readFile(join(dataDir, 'config.json'), 'utf8')) as { sites: { groups: unknown[] }[] };
  expect(config.sites[0]?.groups).toHaveLength(1);
});

test('links are listed, those that lead nowhere too, and set by hand', async () => {
  const { dataDir } = await masterWithSite();
  const found = (page: string, target: string, missing = false): object => ({
    site: 'www',
    page,
    target,
    kind: 'found',
    missing,
  });
  const missing = [
    found('docs/index.htm', 'gone.html', true),
    found('index.html', 'gone.html', true),
    found('index.html', 'none/', true),
  ];
  expect(await ask('link missing', dataDir)).toEqual(missing);
  expect(await ask('link list', dataDir, '--missing', '--path', 'docs/**')).toEqual([missing[0]]);
  const all = [
    missing[0],
    found('index.html', '/'),
    found('index.html', 'docs'),
    missing[1],
    found('index.html', 'img/a.png'),
    missing[2],
  ];
  expect(await ask('link list', dataDir)).toEqual(all);

  const set = { site: 'www', page: 'news/**', target: 'news/index.html', kind: 'set', missing: true };
  expect(await ask('link add', dataDir, 'news/**', '/news/index.html')).toEqual({
    site: 'www',
    glob: 'news/**',
    target: 'news/index.html',
  });
  await ask('link add', dataDir, 'news/**', 'news/index.html');
  expect(await ask('link list', dataDir, '--set')).toEqual([set]);
  expect((await ask('link list', dataDir, '--limit', '2')).map(({ kind }) => kind)).toEqual(['set', 'found']);
  const { out, err } = await inProcess(['link', 'list', '--limit', '2', '--data', dataDir]);
  expect(out).toBe(
    'news/**         → news/index.html  set by hand, missing\ndocs/index.htm  → gone.html        missing\n',
  );
  expect(err).toBe('There may be more than these 2: see --limit.\n');
  await ask('link remove', dataDir, 'news/**', 'news/index.html');
  expect(await ask('link list', dataDir, '--set')).toEqual([]);
});

test('routes are edited by their place, and tried out', async () => {
  const { dataDir } = await masterWithSite();
  const images = { glob: 'img/**', mirrors: ['osaka', 'kyoto'] };
  const rest = { glob: '**', mirrors: 'all' };
  expect(await ask('route list', dataDir)).toEqual([]);
  expect(await ask('route add', dataDir, '**', 'all')).toEqual([rest]);
  expect(await ask('route add', dataDir, 'img/**', 'osaka,kyoto', '--at', '1', '--force')).toEqual([images, rest]);
  expect(await ask('route test', dataDir, '/img/a.png')).toEqual({ path: 'img/a.png', route: images, mirrors: [] });
  expect(await inProcess(['route', 'list', '--data', dataDir])).toEqual({
    code: 0,
    out: '1  img/**  osaka, kyoto\n2  **      all\n',
    err: 'No mirror of that name is paired yet: osaka, kyoto.\n',
  });
  expect(await ask('route remove', dataDir, 'img/**')).toEqual([rest]);
  const both = ['--route', 'img/**=osaka,kyoto', '--route', '**=all'];
  expect(await ask('route set', dataDir, ...both, '--force')).toEqual([images, rest]);
  // What is named already may stay.
  expect(await ask('route set', dataDir, ...both)).toEqual([images, rest]);
  expect(await ask('route set', dataDir, '--none')).toEqual([]);
  expect(await inProcess(['route', 'add', 'img/**', 'osaka', '--data', dataDir])).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^lockstep: No mirror is named “osaka”\. .*\(route\.unknown-mirror\)/),
  });
  expect(await ask('route list', dataDir)).toEqual([]);
  expect((await inProcess(['route', 'test', 'a', '--data', dataDir])).out).toBe('a goes to no mirror.\n');
});

test('a folder is published as a release, shown, and rolled back', async () => {
  const { dataDir, root } = await masterWithSite();
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'new'));
  await writeFile(join(folder, 'index.html'), 'other');
  await writeFile(join(folder, 'new', 'page.html'), 'new');
  expect(await ask('release list', dataDir)).toEqual([]);
  const order = [folder, '--name', 'spring “1”', '--delete', '--allow-deletes'];
  const plan = {
    new: ['new', 'new/page.html'],
    changed: ['index.html'],
    unchanged: 0,
    deleted: ['img/a.png', 'img', 'docs/index.htm', 'docs'],
    refused: [],
  };
  expect(await ask('release publish', dataDir, ...order, '--dry-run')).toEqual({ plan });
  const told = await inProcess(['release', 'publish', ...order, '--dry-run', '--data', dataDir]);
  expect(told.out.match(/^ {2}- .*$/gm)).toEqual(['  - docs', '  - docs/index.htm', '  - img', '  - img/a.png']);
  expect(await readFile(join(root, 'index.html'), 'utf8')).toContain('gone.html');
  const published = await ask('release publish', dataDir, ...order);
  const release = {
    site: 'www',
    id: expect.any(Number),
    name: 'spring “1”',
    at: expect.any(Number),
    by: 'local',
    changes: 7,
    peers: [],
  };
  expect(published).toEqual({ plan, release });
  expect(await readFile(join(root, 'index.html'), 'utf8')).toBe('other');
  const id = published.release?.id ?? 0;
  const shown = await ask('release show', dataDir, String(id));
  expect(shown).toEqual({ ...release, changeList: expect.any(Array) });
  expect(shown.changeList.map(({ path, before, after }) => [path, before.kind, after?.kind])).toEqual([
    ['docs', 'dir', 'gone'],
    ['docs/index.htm', 'file', 'gone'],
    ['img', 'dir', 'gone'],
    ['img/a.png', 'file', 'gone'],
    ['index.html', 'file', 'file'],
    ['new', 'gone', 'dir'],
    ['new/page.html', 'gone', 'file'],
  ]);
  const again = await inProcess(['release', 'publish', ...order, '--data', dataDir]);
  expect(again).toEqual({ code: 0, out: 'Nothing differs: 2 files are as before.\n', err: '' });

  const back = await ask('release rollback', dataDir, String(id));
  expect(back).toEqual({ ...release, name: expect.any(String), reverts: id });
  expect(await readFile(join(root, 'index.html'), 'utf8')).toContain('gone.html');
  expect(await readFile(join(root, 'img', 'a.png'), 'utf8')).toBe('a');
  expect((await ask('release list', dataDir)).map((each) => each.id)).toEqual([back.id, id]);
  expect(await ask('release list', dataDir, '--limit', '1', '--site', 'www')).toEqual([back]);
  expect(await refused(dataDir, 'release rollback', String(id))).toEqual({
    code: 1,
    err: expect.stringContaining('(release.changed-since)'),
  });
  expect(await refused(dataDir, 'release go', String(id))).toEqual({
    code: 1,
    err: expect.stringMatching(/^lockstep: Release \d+ does not wait for the word: .+\(release\.no-word\)$/),
  });
});

test('what is wrong is said in plain words, and changes nothing', async () => {
  const { dataDir, root } = await masterWithSite();
  const before = await readFile(join(dataDir, 'config.json'), 'utf8');
  const add = ['group', 'add', 'front', '--member', 'x'];
  const file = join(await temporaryFolder(), 'file');
  await writeFile(file, '');
  const cases: readonly (readonly [args: readonly string[], code: number, complaint: RegExp])[] = [
    [[...add, '--rule', 'al'], 2, /--rule al is not known\. Write --rule all\|settle\|release\./],
    [[...add, '--rule', 'all', '--settle', '1s'], 2, /--settle says nothing to --rule all/],
    [[...add, '--rule', 'settle', '--settle', 'soon'], 2, /--settle soon is not a length of time/],
    [[...add, '--rule', 'settle', '--limit', '8d'], 2, /--limit 8d is too long\. Write --limit 7d or less\./],
    [[...add, '--rule', 'all', '--then', 'wait'], 2, /Write --then publish\|hold/],
    [[...add, '--rule', 'all', '--site', 'no'], 1, /There is no site “no” here\./],
    [[...add, '--member', 'a/[b', '--rule', 'all'], 2, /group\.members\[1\] is not valid: its “\[” is not closed/],
    [[...add, '--member', '../x', '--rule', 'all'], 2, /group\.members\[1\] is not valid: a path of a site cannot/],
    [[...add, '--member', 'img/', '--rule', 'all'], 2, /ends with “\/”\. For everything below, write “img\/\*\*”/],
    [['group', 'add', 'front', '--rule', 'all'], 2, /--member is missing\. Write --member GLOB\./],
    [
      ['group', 'add', 'two words', '--member', 'x', '--rule', 'all'],
      2,
      /group\.name is not valid: use letters, digits/,
    ],
    [['group', 'remove', 'front'], 1, /There is no group “front”/],
    [['group', 'commit', 'front'], 1, /There is no group “front”/],
    [['group', 'list', '--site', 'no'], 1, /\(site\.unknown\)$/],
    [['link', 'add', '**', '../x'], 2, /target is not valid: it is not a path within a site/],
    [['link', 'remove', '**', 'x'], 1, /No such link was set by hand/],
    [['link', 'list', '--set', '--missing'], 2, /exclude each other/],
    [['link', 'list', '--path', '{a'], 2, /glob is not valid: its “\{” is not closed/],
    [['link', 'list', '--limit', '0'], 2, /--limit 0 is not a whole number of at least 1/],
    [['route', 'add', '**', 'two words'], 2, /routes\[0\]\.mirrors\[0\] is not valid: use letters, digits/],
    [['route', 'add', '**', 'all', '--at', '0'], 2, /--at 0 is not a whole number of at least 1/],
    [['route', 'remove', '**'], 1, /There is no route for “\*\*”/],
    [['route', 'set'], 2, /No route is given\. Write --route GLOB=all, or --none\./],
    [['route', 'set', '--route', 'x'], 2, /--route x does not say who gets it/],
    [['route', 'test', '../x'], 2, /path is not valid: it is not a path within a site/],
    [['release', 'show', '7'], 1, /There is no release “7”/],
    [['release', 'show', 'x'], 2, /ID x is not a whole number/],
    [['release', 'go', '7'], 1, /\(release\.unknown\)$/],
    [['release', 'rollback', '7', '--quorum', '2'], 2, /--quorum goes with --together/],
    [['release', 'publish', root, '--name', 'x'], 1, /\(publish\.own-folder\)$/],
    [['release', 'publish', join(root, 'none'), '--name', 'x'], 1, /\(file\.not-found\)$/],
    [['release', 'publish', root, '--name', 'a\nb'], 2, /A release needs a name: one line of at most 200 characters/],
    [['invite', '--expires', '1s'], 2, /--expires 1s is too short\. Write --expires 10s or more\./],
    // A folder below a file, which no system makes.
    [['init', '--role', 'mirror', '--data', join(file, 'x')], 1, /x cannot be read or written/],
    [
      ['init', '--role', 'mirror', '--data', join(dataDir, 'config.json', 'x')],
      1,
      /overlaps with .*the folder of another/,
    ],
  ];
  for (const [args, code, complaint] of cases) {
    const outcome = await inProcess([...args, ...(args.includes('--data') ? [] : ['--data', dataDir])]);
    const [line = ''] = outcome.err.split('\n');
    expect({ args, code: outcome.code, out: outcome.out, line }).toEqual({
      args,
      code,
      out: '',
      line: expect.stringMatching(complaint),
    });
  }
  expect(await readFile(join(dataDir, 'config.json'), 'utf8')).toBe(before);

  const other = await temporaryFolder();
  await ask('site add', dataDir, 'img', other);
  for (const words of ['group commit x', 'link missing', 'route list', 'release show 1', 'invite'])
    expect(await refused(dataDir, words)).toEqual({
      code: 1,
      err: 'lockstep: There are several sites here: www, img. Say which one you mean, with --site NAME. (site.which)',
    });
  expect(await ask('route list', dataDir, '--site', 'img')).toEqual([]);
  expect(await ask('group list', dataDir)).toEqual([]);
  expect(await ask('release list', dataDir)).toEqual([]);
});

test('the name of a folder stands for nothing that is in it, and is refused where all of that is meant', async () => {
  const { dataDir } = await masterWithSite();
  const error = (glob: string): string =>
    `lockstep: “${glob}” is the name of a folder and matches nothing inside it. Write “${glob}/**” for everything inside it. (glob.folder)`;
  for (const words of ['route add img none', 'route set --route img=none', 'group add g --rule all --member img'])
    expect(await refused(dataDir, words)).toEqual({ code: 1, err: error('img') });
  expect(await refused(dataDir, 'route add **/img none')).toEqual({ code: 1, err: error('**/img') });
  expect(await ask('route list', dataDir)).toEqual([]);
  // A file, a pattern, what is not there yet, and who insists.
  for (const [at, glob] of ['index.html', 'img/**', 'im*', 'later'].entries())
    expect(await ask('route add', dataDir, glob, 'none')).toHaveLength(at + 1);
  expect(await ask('route add', dataDir, 'img', 'none', '--force')).toHaveLength(5);
});
