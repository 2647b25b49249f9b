import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { examineDisk, examineRoot } from '../../electron/engine/doctor/folders.ts';
import { probeFtp } from '../../electron/engine/mirror/retriever/ftp-probe.ts';
import { tellFinding } from '../../shared/doctor/findings.ts';
import { findingTexts } from '../../shared/doctor/findings.en.ts';
import { sentenceParts } from '../../shared/errors/sentences.en.ts';
import { CLI } from '../support/lockstep.ts';
import { makeCertificate, makeDated } from '../support/certificate.ts';
import { PASSWORD, startFtp } from '../support/ftp-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/* Troubles that doctor explains, provoked for real: real sockets, real disks. Those of values alone are in doctor.test.ts. */

const isRoot = process.getuid?.() === 0;
const canMount = isRoot && process.platform === 'linux';
if (!canMount) process.stderr.write('A small disk is made by root on Linux only: a full disk is not tried here\n');
if (isRoot || process.platform === 'win32')
  process.stderr.write(
    'Root, and Windows, may write where the mode says no: a folder without rights is not tried here\n',
  );

test('data connections that do not come through, as behind NAT or a firewall, are told from a server that is away', async () => {
  const server = createServer((socket) => {
    socket.setEncoding('utf8').on('error', () => undefined);
    socket.write('220 ready\r\n');
    socket.on('data', (line: string) => {
      const [verb = ''] = line.trim().split(' ');
      // Port 1 of this machine: nobody listens there.
      const replies: Record<string, string> = {
        USER: '331 go on',
        PASS: '230 in',
        EPSV: '229 (|||1|)',
        QUIT: '221 bye',
      };
      socket.write(`${replies[verb] ?? '200 as you like'}\r\n`);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const source = { host: '127.0.0.1', port, user: 'mirror', password: 'x', certificate: null };
  await expect(probeFtp(source)).rejects.toMatchObject({ code: 'fetch.passive' });
  server.close();
  await expect(probeFtp({ ...source, port: 1 })).rejects.toMatchObject({ code: 'fetch.unreachable' });
});

test('a server with another certificate than the agreed one is told as that, and gets no password', async () => {
  const ftp = await startFtp();
  const { cert } = await makeCertificate();
  const source = { host: '127.0.0.1', port: ftp.port, user: 'publisher', password: PASSWORD, certificate: cert };
  await expect(probeFtp(source)).rejects.toMatchObject({ code: 'fetch.certificate' });
  expect(ftp.events.filter(({ type }) => type === 'loggedIn' || type === 'loginRefused')).toEqual([]);
});

test.each([
  ['before it is', 30, 60],
  ['after it was', -60, -30],
])(
  'a clock by which the agreed certificate is not good (%s) is told as that, and gives no password',
  async (_, from, until) => {
    const identity = await makeDated(from, until);
    const ftp = await startFtp({ identity });
    const source = {
      host: '127.0.0.1',
      port: ftp.port,
      user: 'publisher',
      password: PASSWORD,
      certificate: identity.cert,
    };
    await expect(probeFtp(source)).rejects.toMatchObject({ code: 'fetch.clock' });
    expect(ftp.events.filter(({ type }) => type === 'loggedIn' || type === 'loginRefused')).toEqual([]);
  },
);

test.runIf(canMount)('a disk that is almost full is named, with what is left', async () => {
  const disk = join(await temporaryFolder(), 'disk');
  await mkdir(disk);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=50m', 'tmpfs', disk]);
  // A container without the right to mount.
  if (mounted.status !== 0) return process.stderr.write(`no disk could be mounted: ${mounted.stderr.toString()}`);
  onTestFinished(() => void spawnSync('umount', [disk]));
  const low = await examineDisk(disk, { where: disk });
  expect(low).toMatchObject({ level: 'problem', code: 'disk-low' });
  expect(tellFinding(low, findingTexts, sentenceParts, 'shell')?.what).toMatch(
    /^Only 5[0-9] MB \((?:99|100) %\) are free at /,
  );
});

test.runIf(!isRoot && process.platform !== 'win32')('a folder without the right to write is named', async () => {
  const root = await temporaryFolder();
  await chmod(root, 0o500);
  expect(await examineRoot('www', root, { follows: 'www' })).toMatchObject([
    { level: 'problem', code: 'folder-unwritable' },
  ]);
  await chmod(root, 0o700);
  // Files come in by the reserved folder and appear in the site's own.
  await mkdir(join(root, '.lockstep'));
  await chmod(root, 0o500);
  expect(await examineRoot('www', root, { follows: 'www' })).toMatchObject([
    { level: 'problem', code: 'folder-unwritable' },
  ]);
  await chmod(root, 0o700);
});

test.skipIf(process.platform === 'win32').each([
  ['022', []],
  ['027', ['● ok       www: Only the user and the group that run Lockstep can read new files', '(umask 027)']],
  ['077', ['◌ warning  www: Only the user that runs Lockstep can read new files', '(umask 077)', 'UMask=0022']],
])('files that a web server could not read, with the umask %s, are told', async (mask, said) => {
  const [data, root] = [join(await temporaryFolder(), 'data'), await temporaryFolder()];
  const run = (...args: string[]): string => {
    const line = ['-c', `umask ${mask}; exec "$@"`, 'sh', process.execPath, CLI, ...args, '--data', data];
    return spawnSync('sh', line, { encoding: 'utf8' }).stdout;
  };
  run('init', '--role', 'master', '--ftp', '127.0.0.1:0', '--link', '127.0.0.1:0');
  run('site', 'add', 'www', root);
  const told = run('doctor');
  expect(told).toContain('www: Lockstep can write to');
  for (const words of said) expect(told).toContain(words);
  if (said.length === 0) expect(told).not.toContain('umask');
});
