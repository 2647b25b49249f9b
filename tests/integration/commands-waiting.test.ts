import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { WaitingItem } from '../../shared/contract/status.ts';
import { ask, inProcess } from '../support/commands.ts';
import { ftpLogin } from '../support/ftp-login.ts';
import { type Install, type Network, PASSWORD, startNetwork, USER } from '../support/network.ts';
import { until } from '../support/until.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function upload(network: Network, ...paths: string[]): Promise<void> {
  const client = await ftpLogin({ port: network.ftpPort, user: USER, password: PASSWORD, tls: true });
  for (const path of paths) await client.uploadFrom(Readable.from([Buffer.from(`content of ${path}`)]), path);
}

/** What waits, once it is as many, of so many files each. */
async function waiting(install: Install, count: number, files: number): Promise<WaitingItem[]> {
  let items: WaitingItem[] = [];
  await until(async () => {
    items = await ask('waiting list', install.dataDir);
    // What is still being fetched has another reason first.
    return items.length === count && items.every((item) => item.error.code === 'wait.group' && item.files === files);
  }, `${count} wait at ${install.name}`);
  return items;
}

const names = async (install: Install): Promise<string[]> => Object.keys(await install.tree());

test('what waits is listed, published and given up, at both ends', async () => {
  const network = await startNetwork();
  const { master, tokyo, osaka } = network;
  const group = ['--member', '*.html', '--member', 'site.css', '--rule', 'all', '--limit', 'none'];
  await ask('group add', master.dataDir, 'front', ...group);
  await upload(network, 'a.html', 'b.html', 'free.txt');

  const item = {
    id: 'www:group:front',
    site: 'www',
    kind: 'group',
    path: 'a.html',
    files: 2,
    error: { code: 'wait.group', params: { group: 'front', missing: 'site.css' } },
    waitsFor: ['site.css'],
    since: expect.any(Number),
  };
  expect(await waiting(tokyo, 1, 2)).toEqual([item]);
  const atMaster = await waiting(master, 2, 2);
  expect(atMaster).toEqual(
    expect.arrayContaining([
      { ...item, id: 'www@tokyo:group:front', peer: 'tokyo' },
      { ...item, id: 'www@osaka:group:front', peer: 'osaka' },
    ]),
  );
  const { out } = await inProcess(['waiting', 'list', '--data', tokyo.dataDir]);
  expect(out).toMatch(/^www:group:front {2}www\/a\.html and 1 more file\n {2}group, has waited for [\d.]+ m?s\n/);
  expect(out).toContain('The group “front” is not complete: site.css has not come yet.');
  await until(async () => (await names(tokyo)).includes('free.txt'), 'what is free is there');
  expect(await names(tokyo)).toEqual(['free.txt']);

  expect(await ask('waiting publish', tokyo.dataDir, item.id)).toEqual({ id: item.id });
  await until(async () => (await names(tokyo)).includes('b.html'), 'tokyo shows it');
  expect(await names(tokyo)).toEqual(['a.html', 'b.html', 'free.txt']);
  await ask('waiting discard', master.dataDir, 'www@osaka:group:front');
  await until(async () => (await ask('waiting list', master.dataDir)).length === 0, 'nothing waits');
  await until(async () => (await names(osaka)).includes('free.txt'), 'what is free is there, too');
  expect(await names(osaka)).toEqual(['free.txt']);
  expect(await inProcess(['waiting', 'publish', item.id, '--data', tokyo.dataDir])).toMatchObject({
    code: 1,
    err: expect.stringContaining('(waiting.unknown)'),
  });

  await upload(network, 'a.html', 'b.html', 'site.css');
  await network.inStep();
});

test('what waits for its publisher is held, as the master and the mirror say alike, and nothing of it is on the way', async () => {
  const network = await startNetwork();
  const { master, tokyo } = network;
  await ask('group add', master.dataDir, 'front', '--member', '*.html', '--rule', 'release');
  await upload(network, 'a.html', 'b.html');
  const held = async (install: Install, name: string): Promise<unknown> => {
    const { sites } = await ask('status', install.dataDir);
    const peer = sites[0]?.peers.find((each) => each.name === name);
    return [peer?.waiting, peer?.held];
  };
  await until(async () => String(await held(tokyo, 'origin')) === '2,2', 'both wait at the mirror');
  await until(async () => String(await held(master, 'tokyo')) === '2,2', 'the master knows that');
  const { out } = await inProcess(['peer', 'show', 'tokyo', '--data', master.dataDir]);
  expect(out).toContain('The group “front” waits for its publisher.');
  expect(out).not.toContain('on the way');
  // The command is one of the master's, whose data folder a mirror does not know.
  const advice = async ({ dataDir }: Install) => (await inProcess(['waiting', 'list', '--data', dataDir])).out;
  expect(await advice(tokyo)).toContain('Commit it on the master, with “lockstep group commit front”, or');
  expect(await advice(master)).toContain(`with “lockstep group commit front --data '${master.dataDir}'”, or`);
  await ask('group commit', master.dataDir, 'front');
  await network.inStep();
  expect(await held(master, 'tokyo')).toEqual([0, 0]);
});

test('a release waits for a mirror that is away until the word is given', async () => {
  const network = await startNetwork();
  const { master, tokyo, osaka } = network;
  await upload(network, 'index.html');
  await network.inStep();
  await osaka.stop();
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'index.html'), 'spring');
  const together = ['--together', '--limit', '1h'];
  const { release } = await ask('release publish', master.dataDir, folder, '--name', 'spring', ...together);
  const id = String(release?.id);
  await until(async () => {
    const { peers } = await ask('release show', master.dataDir, id);
    return peers.some(({ peer, readyAt }) => peer === 'tokyo' && readyAt !== undefined);
  }, 'tokyo is ready');
  expect((await inProcess(['release', 'list', '--data', master.dataDir])).out).toContain('1 of 2 mirrors ready');
  expect(await ask('waiting list', tokyo.dataDir)).toMatchObject([
    { id: `www:release:${id}`, kind: 'release', error: { code: 'wait.word' } },
  ]);
  expect(await readFile(join(tokyo.root, 'index.html'), 'utf8')).toBe('content of index.html');

  const given = await ask('release go', master.dataDir, id);
  expect(given).toMatchObject({ id: release?.id, goAt: expect.any(Number) });
  await until(async () => (await readFile(join(tokyo.root, 'index.html'), 'utf8')) === 'spring', 'tokyo shows it');
  // The word is given once.
  expect((await ask('release go', master.dataDir, id)).goAt).toBe(given.goAt);
  await osaka.start();
  await network.inStep();
});

test('what others have changed at a mirror is told with its state at both ends, and nobody waits for it', async () => {
  const network = await startNetwork();
  const { master, tokyo } = network;
  await upload(network, 'a.html', 'b.html', 'c.html');
  await network.inStep();
  for (const path of ['a.html', 'b.html']) await writeFile(join(tokyo.root, path), 'by hand');
  expect((await tokyo.run('doctor', ['--deep'])).code).toBe(1);
  const stateOf = async (install: Install) => {
    const { sites } = await ask('status', install.dataDir);
    const states = sites.flatMap(({ peers }) => peers.map(({ name, inStep, drifted }) => ({ name, inStep, drifted })));
    return states.filter(({ name }) => name !== 'osaka');
  };
  await until(
    async () => (await stateOf(master))[0]?.drifted === 2,
    () => stateOf(master),
  );
  expect([await stateOf(master), await stateOf(tokyo)]).toEqual([
    [{ name: 'tokyo', inStep: true, drifted: 2 }],
    [{ name: 'origin', inStep: true, drifted: 2 }],
  ]);
  for (const { dataDir } of [master, tokyo]) {
    const { out } = await inProcess(['status', '--data', dataDir]);
    expect(out).toMatch(/◌ (?:tokyo|origin) +changed +in step, but for 2 files changed by others · /);
    expect((await inProcess(['wait', '--data', dataDir, '--timeout', '5s'])).code).toBe(0);
  }
  await ask('waiting discard', tokyo.dataDir, 'www:/drift/a.html');
  await ask('waiting publish', tokyo.dataDir, 'www:/drift/b.html');
  await until(
    async () => (await stateOf(master))[0]?.drifted === undefined,
    () => stateOf(master),
  );
  // What is brought back is fetched after that.
  await expect.poll(() => stateOf(tokyo)).toEqual([{ name: 'origin', inStep: true }]);
  expect(await readFile(join(tokyo.root, 'b.html'), 'utf8')).toBe('content of b.html');
});
