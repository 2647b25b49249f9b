import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { createFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { hasClient, run } from '../support/ftp-clients.ts';
import { Install, type Network, PASSWORD, startNetwork, USER } from '../support/network.ts';
import { until } from '../support/until.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';

async function lftp(network: Network, ...commands: string[]): Promise<void> {
  const script = [
    'set net:max-retries 2; set net:timeout 30; set ftp:ssl-force yes; set ssl:verify-certificate no; set cmd:fail-exit yes',
    `open -u ${USER},'${PASSWORD}' ftp://127.0.0.1:${network.ftpPort}`,
    ...commands,
    'bye',
  ];
  const outcome = await run('lftp', ['-c', script.join('\n')], { cwd: network.folder });
  expect(outcome, outcome.output).toMatchObject({ code: 0 });
}

async function makePages(network: Network, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const folder = join(network.folder, 'up', `section ${i % 10}`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `page ${i}.html`), `page ${i} `.repeat((i % 50) * 20));
  }
}

test('content that comes, goes and comes back faster than it is published ends as at the master', async () => {
  const master = await aMaster();
  const mirror = await aMirror();
  mirror.connect(master);
  await master.mkdir('dir');
  await master.mkdir('dir/sub');
  const contents = ['a'.repeat(5000), 'b'.repeat(5000)];
  for (let round = 0; round < 10; round += 1) {
    for (let i = 0; i < 10; i += 1) {
      await master.put('page.html', contents[i % 2] ?? '');
      await sleep(Math.random() * 4);
    }
    for (let i = 0; i < 5; i += 1) await master.put(`dir/sub/${i}.html`, `${round} ${i}`.repeat(1000));
    await master.put('dir/sub/big.bin', Buffer.alloc(1_000_000, `${round}`));
    for (const [from, to] of [
      ['dir/sub', 'other'],
      ['other', 'dir/sub'],
      ['dir', 'there'],
      ['there', 'dir'],
    ] as const) {
      await master.rename(from, to);
      if (Math.random() < 0.5) await sleep(Math.random() * 4);
    }
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder), `round ${round}`).toEqual(await readTree(master.rootFolder));
  }
});

test.runIf(hasClient('lftp'))(
  'mirrors are killed, cut off, deaf and frozen while a tree is uploaded, replaced, moved and deleted',
  { timeout: 900_000 },
  async () => {
    let proxy: FaultProxy | undefined;
    const network = await startNetwork({
      address: async (port) => {
        proxy = await createFaultProxy({ to: { host: '127.0.0.1', port } });
        onTestFinished(() => proxy?.stop());
        return proxy.endpoint;
      },
    });
    const { master, tokyo, osaka } = network;
    await until(() => (proxy?.connections ?? 0) > 0, 'tokyo comes through the proxy');
    await makePages(network, 200);

    const uploading = lftp(network, 'mirror -R --parallel=2 up "the site"');
    await until(async () => Object.keys(await osaka.tree()).length > 20, 'osaka has begun');
    await osaka.stop('SIGKILL');
    proxy?.cut();
    await osaka.start();
    proxy?.stall();
    await uploading;
    proxy?.resume();
    await network.inStep();

    // One is away and the other frozen while folders move with what is in them.
    await osaka.stop();
    tokyo.process?.process.kill('SIGSTOP');
    await writeFile(join(network.folder, 'up', 'section 3', 'page 3.html'), 'replaced');
    await lftp(
      network,
      'cd "the site"',
      'mv "section 1" "moved section"; mv "section 2" "section 1"; mkdir -p a/b; mv "section 4" a/b/c; mv a d',
      'put up/section\\ 3/page\\ 3.html -o "section 3/page 3.html"',
      'rm -r "section 5"; mkdir "section 5"; rm "section 6/page 6.html"; mv "section 7/page 7.html" "section 5/7 of 7"',
    );
    tokyo.process?.process.kill('SIGCONT');
    await osaka.start();
    await network.inStep();

    // The master goes, and comes back, in the middle of an upload: what it said 226 to is everywhere.
    const broken = lftp(network, 'mirror -R up again').catch(() => 'cut off');
    await until(async () => (await readdir(master.root)).includes('again'), 'it has begun');
    await master.stop('SIGKILL');
    await master.start();
    await broken;
    await network.inStep();
  },
);

test('a mirror that would lose most of its files asks, and does what it is told', async () => {
  const network = await startNetwork();
  const { master, tokyo, osaka } = network;
  await osaka.stop();
  for (let i = 0; i < 40; i += 1) await writeFile(join(master.root, `page ${i}.html`), `${i}`);
  await master.must('site rescan', ['www']);
  await until(async () => Object.keys(await tokyo.tree()).length === 40, 'tokyo has them');
  await tokyo.stop();
  for (const name of await readdir(master.root)) if (name.startsWith('page')) await rm(join(master.root, name));
  await master.must('site rescan', ['www', '--allow-deletes']);
  await tokyo.start();
  await until(async () => (await tokyo.status()).waiting.some(({ kind }) => kind === 'delete-guard'), 'tokyo asks');
  expect(Object.keys(await tokyo.tree())).toHaveLength(40);
  const listed = await tokyo.must('waiting list');
  expect(listed).toMatch(/www:deletes/);
  expect(await master.run('wait', ['--timeout', '1s'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('tokyo'),
  });
  expect(await tokyo.run('waiting publish', ['www:nothing'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('(waiting.unknown)'),
  });
  expect(await tokyo.run('waiting publish', ['www:deletes', '--count', '39'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('(guard.held)'),
  });
  expect(Object.keys(await tokyo.tree())).toHaveLength(40);
  await tokyo.must('waiting publish', ['www:deletes', '--count', '40']);
  await osaka.start();
  await network.inStep();
  expect(await tokyo.tree()).toEqual({});
});

test('the folder of a site goes away: nothing is taken for deleted', async () => {
  const network = await startNetwork();
  const { master, tokyo, osaka } = network;
  await writeFile(join(master.root, 'page.html'), 'page');
  await master.must('site rescan', ['www']);
  await network.inStep();
  await rename(master.root, `${master.root} away`);
  const rescan = await master.run('site rescan', ['www']);
  expect(rescan).toMatchObject({ code: 1, err: expect.stringContaining('(site.root-missing)') });
  const put = await run('curl', [
    ...['-sS', '--ssl-reqd', '-k', '-u', `${USER}:${PASSWORD}`, '-T', '-', `ftp://127.0.0.1:${network.ftpPort}/x`],
  ]);
  expect(put.code).not.toBe(0);
  await master.stop();
  await master.start();
  expect((await master.status()).waiting).toMatchObject([{ kind: 'failing', error: { code: 'site.root-missing' } }]);
  for (const mirror of [tokyo, osaka]) expect(Object.keys(await mirror.tree())).toEqual(['page.html']);
  expect((await master.run('doctor')).out).toContain(master.root);
  await rename(`${master.root} away`, master.root);
  await master.stop();
  await master.start();
  await network.inStep();
});

test('a database that does not open is moved aside and told, until a person has taken it away', async () => {
  const folder = await temporaryFolder();
  const master = new Install('origin', folder);
  await mkdir(master.root);
  await master.must('init', ['--role', 'master', '--ftp', '127.0.0.1:0', '--link', '127.0.0.1:0']);
  await master.must('site add', ['www', master.root]);
  for (const name of ['lockstep.db', 'lockstep.db-wal']) await writeFile(join(master.dataDir, name), 'not a database');
  const first = await master.run('status');
  expect(first).toMatchObject({ code: 1, err: expect.stringContaining('(store.corrupt)') });
  const aside = (await readdir(master.dataDir)).filter((name) => /^lockstep\.db.+\d/.test(name));
  expect(aside.length).toBeGreaterThan(0);
  expect(await master.run('status')).toMatchObject({ code: 1, err: expect.stringContaining('(store.corrupt)') });
  for (const name of aside) await rm(join(master.dataDir, name));
  await master.start();
  expect((await master.status()).sites).toMatchObject([{ name: 'www' }]);
});
