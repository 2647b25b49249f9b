import { chmod, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { checkCode } from '../../electron/engine/link/check-code.ts';
import { decodePairingCode, encodePairingCode } from '../../electron/engine/link/pairing-code.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { checkFolder } from '../../electron/engine/claim/check-folder.ts';
import { unmakeNode } from '../../electron/engine/install/unmake-node.ts';
import { isWindows } from '../support/rights.ts';
import { noSecrets } from '../support/no-secrets.ts';

const ports = { clock: systemClock, logger: pino({ level: 'silent' }), secrets: noSecrets };
const address = { host: '127.0.0.1', port: 0 };
let folder: string;
let engines: Engine[];

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'lockstep-first-')));
  engines = [];
});
afterEach(async () => {
  for (const engine of engines) await engine.stop();
  await rm(folder, { recursive: true, force: true });
});

async function startMaster(): Promise<Engine> {
  const dataDir = join(folder, 'master');
  await mkdir(join(folder, 'site'));
  await initNode(dataDir, { role: 'master', name: 'origin', ftp: address, link: address });
  const engine = await createEngine(ports, dataDir);
  engines.push(engine);
  await engine.call('site.add', { name: 'www', root: join(folder, 'site') });
  return engine;
}

describe('a pairing code is looked at', () => {
  test('and its master found, without using the code up', async () => {
    const master = await startMaster();
    const { code, addresses, expiresAt } = await master.call('pairing.invite', {});
    const { id } = (await master.call('node.status', {})).node;
    for (let times = 0; times < 2; times += 1)
      expect(await checkCode(code, Date.now())).toEqual({
        site: 'www',
        master: id,
        expiresAt,
        addresses: [{ address: addresses[0], answers: true }],
        reached: addresses[0],
      });
    expect(await master.call('pairing.check', { code })).toMatchObject({ reached: addresses[0] });
  });

  test('the first that answers is enough; the others are told with what is known of them', async () => {
    const master = await startMaster();
    const made = decodePairingCode((await master.call('pairing.invite', {})).code);
    const [answers = ''] = made.addresses;
    const stranger = createServer((socket) => socket.end('220 not Lockstep\r\n'));
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as { port: number };
    const found = await checkCode(
      encodePairingCode({ ...made, addresses: ['127.0.0.1:1', `127.0.0.1:${port}`, answers] }),
      Date.now(),
    );
    stranger.close();
    expect(found.reached).toBe(answers);
    expect(found.addresses.filter((each) => each.answers).map((each) => each.address)).toEqual([answers]);
  });

  test('where nobody answers, or somebody else, it says which and why', async () => {
    const master = await startMaster();
    const made = decodePairingCode((await master.call('pairing.invite', {})).code);
    const gone = await checkCode(encodePairingCode({ ...made, addresses: ['127.0.0.1:1'] }), Date.now());
    expect(gone).toMatchObject({ reached: null, addresses: [{ answers: false, error: { code: 'link.unreachable' } }] });
    const other = await checkCode(encodePairingCode({ ...made, fingerprint: 'a'.repeat(64) }), Date.now());
    expect(other).toMatchObject({ reached: null, addresses: [{ error: { code: 'link.certificate' } }] });
  });

  test('what is no code is refused at once', async () => {
    const master = await startMaster();
    const { code } = await master.call('pairing.invite', { expiresSeconds: 10 });
    for (const text of [
      '',
      'lockstep1-',
      code.slice(0, -1),
      code.replace(/.$/, (last) => (last === '_' ? '-' : '_')),
      'x'.repeat(2000),
    ])
      await expect(checkCode(text, Date.now())).rejects.toMatchObject({ code: 'pair.bad-code' });
  });

  test('whether it is too old the master says: the clock here may be wrong', async () => {
    const master = await startMaster();
    const { code } = await master.call('pairing.invite', { expiresSeconds: 10 });
    const made = decodePairingCode(code);
    const days = Date.now() + 3 * 86_400_000;
    expect(await checkCode(code, days)).toMatchObject({ site: 'www', reached: made.addresses[0] });
    const expired = { code: 'pair.expired' };
    // Nobody is there who knows better, or who knows it any more.
    await expect(checkCode(encodePairingCode({ ...made, addresses: ['127.0.0.1:1'] }), days)).rejects.toMatchObject(
      expired,
    );
    const unknown = encodePairingCode({ ...made, secret: 'A'.repeat(22) });
    await expect(checkCode(unknown, days)).rejects.toMatchObject(expired);
    await expect(checkCode(unknown, Date.now())).rejects.toMatchObject({ code: 'pair.refused' });
  });
});

describe('a folder is looked at', () => {
  test('to be filled: it may be missing, empty or filled', async () => {
    await mkdir(join(folder, 'empty', '.lockstep'), { recursive: true });
    await mkdir(join(folder, 'filled', 'a'), { recursive: true });
    await writeFile(join(folder, 'filled', 'b.txt'), '');
    const look = (name: string) => checkFolder({ root: join(folder, name), use: 'follow' }, [join(folder, 'data')]);
    expect(await look('missing/deep')).toEqual({ root: join(folder, 'missing', 'deep'), is: 'absent', entries: 0 });
    expect(await look('empty')).toEqual({ root: join(folder, 'empty'), is: 'empty', entries: 0 });
    expect(await look('filled')).toEqual({ root: join(folder, 'filled'), is: 'filled', entries: 2 });
    expect(await readdir(folder)).toEqual(['empty', 'filled']);
  });

  test('to be published: it says where it is not there, and refuses what no site can be', async () => {
    const look = (root: string) => checkFolder({ root, use: 'publish' }, [join(folder, 'data')]);
    await writeFile(join(folder, 'file'), '');
    await mkdir(join(folder, 'data'));
    expect(await look(join(folder, 'missing', 'deep'))).toMatchObject({ is: 'absent' });
    await expect(look(join(folder, 'file'))).rejects.toMatchObject({ code: 'file.not-directory' });
    await expect(look(join(folder, 'file', 'below'))).rejects.toMatchObject({ code: 'file.not-directory' });
    await expect(look(folder)).rejects.toMatchObject({ code: 'site.root-clash' });
  });

  const writesAnyway = process.getuid?.() === 0 || isWindows;
  if (writesAnyway)
    console.log('root, and Windows, write where the mode says no: a folder that cannot be written is not tried here');
  test.skipIf(writesAnyway)('that cannot be written is refused', async () => {
    await mkdir(join(folder, 'closed'));
    await chmod(join(folder, 'closed'), 0o500);
    const look = (name: string) => checkFolder({ root: join(folder, name), use: 'follow' }, []);
    await expect(look('closed')).rejects.toMatchObject({ code: 'file.denied' });
    await expect(look('closed/new')).rejects.toMatchObject({ code: 'file.denied' });
  });
});

test('an install that was taken back can be made again, as something else, and is known by the same certificate', async () => {
  const master = await startMaster();
  const before = await master.call('node.status', {});
  await master.stop();
  const dataDir = join(folder, 'master');
  await unmakeNode(dataDir);
  expect((await readdir(dataDir)).filter((name) => /config\.json|lockstep\.db/.test(name))).toEqual([]);
  await initNode(dataDir, { role: 'mirror', name: 'copy' });
  const again = await createEngine(ports, dataDir);
  engines.push(again);
  const { node, sites } = await again.call('node.status', {});
  expect({ role: node.role, sites, same: node.id === before.node.id }).toEqual({
    role: 'mirror',
    sites: [],
    same: true,
  });
});
