import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { doctorReport, type Finding } from '../../shared/contract/doctor.ts';
import { VERSION } from '../../shared/version.ts';
import { freePort } from '../support/free-port.ts';
import { CLI, lockstep, type RunningLockstep, runLockstep, runUntilReady } from '../support/lockstep.ts';
import { until } from '../support/until.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/* Troubles as a machine has them, asked of the command as it is shipped. Others: doctor-troubles.test.ts. */

const isLinuxRoot = process.platform === 'linux' && process.getuid?.() === 0;
const NOBODY = 65_534;
if (!isLinuxRoot)
  process.stderr.write('Other users, and limits of watches, are set by root on Linux: these troubles are not tried\n');

test('a mirror of another version, whose clock is wrong and whose disk folds case, is told by each of the three', async () => {
  const { folder, master, code, running } = await pair(['img/Logo.svg', 'img/logo.svg']);
  const [mirror, copy] = [join(folder, 'mirror'), join(folder, 'copy')];
  // What tells a disk that folds case: see folding-disk.test.ts.
  await mkdir(join(copy, '.lockstep'), { recursive: true });
  await symlink('.lockstep', join(copy, '.LOCKSTEP'));
  await must('init', mirror, '--role', 'mirror', '--name', 'tokyo');
  await must('join', mirror, code, '--root', copy);
  const [older, late] = [join(folder, 'older.mjs'), join(folder, 'late.mjs')];
  await writeFile(older, (await readFile(CLI, 'utf8')).replaceAll(`"${VERSION}"`, '"0.0.9"'));
  await writeFile(late, 'const now = Date.now; Date.now = () => now() - 3_600_000;');
  const mirrorRun = await runUntilReady([process.execPath, older, 'run', '--data', mirror], {
    NODE_OPTIONS: `--import=${pathToFileURL(late).href}`,
  });

  const told = async (): Promise<string[]> => (await troubles(master)).map(({ code: each }) => each).toSorted();
  await until(async () => (await told()).length >= 3, told, 200);
  expect(await told()).toEqual(['clock-differs', 'names-clash', 'version-differs']);
  expect((await troubles(master)).map(({ sentence }) => sentence).join('\n')).toMatch(
    /tokyo is 3[56]\d\d s behind[^]*0\.0\.9[^]*“img\/[Ll]ogo\.svg” next to “[Ll]ogo\.svg”/,
  );
  await mirrorRun.end();
  await running.end();
});

test('at a mirror: a closed port, one whose packets are dropped, and one where another install answers', async () => {
  const { folder, code, linkPort, running } = await pair([]);
  const mirror = join(folder, 'mirror');
  await must('init', mirror, '--role', 'mirror', '--name', 'tokyo');
  await must('join', mirror, code, '--root', join(folder, 'copy'));
  await running.end();
  const told = async (): Promise<string[]> => (await troubles(mirror)).map(({ code: each }) => each);
  expect(await told()).toEqual(['link.unreachable']);

  const dropped = await dropAllAt(linkPort);
  if (dropped) {
    expect(await told()).toEqual(['link.timeout']);
    await dropped();
  }

  const other = join(folder, 'other');
  const listen = ['--ftp', '127.0.0.1:0', '--link', `127.0.0.1:${linkPort}`];
  await must('init', other, '--role', 'master', '--name', 'another', ...listen);
  await runLockstep(other);
  expect(await told()).toEqual(['link.certificate']);
});

test.runIf(isLinuxRoot)(
  'a user who may not write into the site, or read what root has made in the data folder, is told so',
  async () => {
    const folder = await temporaryFolder();
    const [dataDir, root] = [join(folder, 'data'), join(folder, 'www')];
    await mkdir(root);
    await must('init', dataDir, '--role', 'master', '--ftp', '127.0.0.1:0', '--link', '127.0.0.1:0');
    await must('site', dataDir, 'add', 'www', root);
    const readable = await lockstep(['--version'], { uid: NOBODY });
    if (readable.code !== 0) return process.stderr.write(`another user cannot start the command: ${readable.err}`);
    const own = (name: string): Promise<void> => chown(join(dataDir, name), NOBODY, NOBODY);
    const found = async (): Promise<string[]> =>
      (await troubles(dataDir, NOBODY)).map(({ check, code, subject }) => [check, subject, code].join(' '));
    await chown(folder, NOBODY, NOBODY);
    for (const name of ['.', 'config.json', 'identity', 'identity/key.pem', 'identity/cert.pem']) await own(name);
    // The other files are root's, as after a command that was given by sudo.
    expect(await found()).toContain('database  node.denied');
    for (const name of await readdir(dataDir)) await own(name);
    expect((await found()).filter((each) => !each.startsWith('listener'))).toEqual(['folder www folder-unwritable']);
    return undefined;
  },
);

test.runIf(isLinuxRoot)(
  'a folder without rights, or whose reserved folder is of somebody else, is named where it is to be a site, with who needs them',
  async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o755);
    const readable = await lockstep(['--version'], { uid: NOBODY });
    if (readable.code !== 0) return process.stderr.write(`another user cannot start the command: ${readable.err}`);
    const home = join(folder, 'home');
    await mkdir(home);
    await chown(home, NOBODY, NOBODY);
    const [master, mirror] = [join(home, 'master'), join(home, 'mirror')];
    const run = (...words: string[]) => lockstep(words, { uid: NOBODY });
    const listen = ['--ftp', '127.0.0.1:0', '--link', '127.0.0.1:0'];
    expect(await run('init', '--data', master, '--role', 'master', ...listen)).toMatchObject({ code: 0 });
    expect(await run('init', '--data', mirror, '--role', 'mirror')).toMatchObject({ code: 0 });
    const refused = async (root: string): Promise<void> => {
      const { code, err } = await run('site', 'add', 'www', root, '--data', master);
      const what = `lockstep: Lockstep, which runs as the user “nobody”, cannot read and write in “${root}”. Give that user`;
      expect([code, err.slice(0, what.length)]).toEqual([1, what]);
    };
    for (const [name, mode, own] of [
      ['for reading only', 0o755, undefined],
      ['closed', 0o700, undefined],
      ['with another’s closed', 0o777, 0o700],
      ['with another’s for reading', 0o777, 0o755],
    ] as const) {
      const root = join(folder, name);
      await mkdir(root);
      if (own !== undefined) await mkdir(join(root, '.lockstep'), { mode: own });
      await chmod(root, mode);
      await refused(root);
    }
    const site = join(home, 'www');
    await mkdir(site, { mode: 0o777 });
    await chown(site, NOBODY, NOBODY);
    expect(await run('site', 'add', 'www', site, '--data', master)).toMatchObject({ code: 0, err: '' });
    await runLockstep(master);
    const { out } = await lockstep(['invite', '--data', master]);
    const joined = await run('join', out.trim(), '--root', join(folder, 'of root', 'copy'), '--data', mirror);
    expect(joined.err).toContain(`cannot read and write in “${join(folder, 'of root', 'copy')}”`);
    return undefined;
  },
);

test.runIf(isLinuxRoot)('a watch that the system does not allow is told while it runs', async () => {
  const folder = await temporaryFolder();
  const [dataDir, root] = [join(folder, 'data'), join(folder, 'www')];
  for (let each = 0; each < 10; each += 1) await mkdir(join(root, `folder-${each}`), { recursive: true });
  await must('init', dataDir, '--role', 'master', '--ftp', '127.0.0.1:0', '--link', '127.0.0.1:0');
  await must('site', dataDir, 'add', 'www', root, '--watch');
  const limited = 'echo 5 >/proc/sys/user/max_inotify_watches && exec "$@"';
  const run = [process.execPath, CLI, 'run', '--data', dataDir];
  let running: RunningLockstep;
  try {
    running = await runUntilReady(['unshare', '--user', '--map-root-user', 'sh', '-c', limited, 'sh', ...run]);
  } catch (error) {
    return process.stderr.write(`no user namespace here: ${String(error)}\n`);
  }
  await until(
    async () => (await troubles(dataDir)).some(({ code }) => code === 'watch.limit'),
    'the limit is told',
    200,
  );
  await running.end();
  return undefined;
});

test.runIf(isLinuxRoot)('a service that is not shown the limits of the system is asked all the same', async () => {
  const folder = await temporaryFolder();
  const [dataDir, root] = [join(folder, 'data'), join(folder, 'www')];
  await mkdir(root);
  await must('init', dataDir, '--role', 'master', '--ftp', '127.0.0.1:0', '--link', '127.0.0.1:0');
  await must('site', dataDir, 'add', 'www', root, '--watch');
  // As ProcSubset=pid of systemd does it.
  const hidden = 'mount -t tmpfs tmpfs /proc/sys && exec "$@"';
  const run = [process.execPath, CLI, 'run', '--data', dataDir];
  let running: RunningLockstep;
  try {
    running = await runUntilReady(['unshare', '--mount', 'sh', '-c', hidden, 'sh', ...run]);
  } catch (error) {
    return process.stderr.write(`nothing can be mounted here: ${String(error)}\n`);
  }
  const { findings } = doctorReport.parse(JSON.parse((await lockstep(['doctor', '--json', '--data', dataDir])).out));
  expect(findings.filter(({ check }) => check === 'watch').map(({ code }) => code)).toEqual(['watch-unknown']);
  await running.end();
  return undefined;
});

/** A master that runs, and a code for its site. */
async function pair(files: readonly string[]) {
  const folder = await temporaryFolder();
  const [master, root, linkPort] = [join(folder, 'master'), join(folder, 'www'), await freePort()];
  await mkdir(root);
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), file);
  }
  const listen = ['--ftp', '127.0.0.1:0', '--link', `127.0.0.1:${linkPort}`];
  await must('init', master, '--role', 'master', '--name', 'origin', ...listen);
  await must('site', master, 'add', 'www', root);
  const running = await runLockstep(master);
  const code = (await must('invite', master)).trim();
  return { folder, master, linkPort, running, code };
}

/** `COMMAND … --data DIR`, which has to succeed; its output. */
async function must(command: string, dataDir: string, ...args: string[]): Promise<string> {
  const { code, out, err } = await lockstep([command, ...args, '--data', dataDir]);
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  return out;
}

/** What `lockstep doctor` says is not well; each with what to do. */
async function troubles(dataDir: string, uid?: number): Promise<Finding[]> {
  const { out, err } = await lockstep(['doctor', '--json', '--data', dataDir], { ...(uid !== undefined && { uid }) });
  if (out === '') throw new Error(err);
  const found = doctorReport.parse(JSON.parse(out)).findings.filter(({ level }) => level !== 'ok');
  for (const { sentence, mend } of found) expect([sentence, mend ?? ''].join(' ')).toMatch(/^\S.*\. \S.*\.$/su);
  // Of the machine that the tests run on.
  return found.filter(({ check }) => check !== 'disk');
}

/**
 * Nobody answers at the port, as behind a firewall that drops: the listener is stopped, and its queue is full. Resolves what ends
 * it; undefined where the system answers all the same.
 */
async function dropAllAt(port: number): Promise<(() => Promise<void>) | undefined> {
  if (process.platform === 'win32') {
    process.stderr.write('a process cannot be halted on Windows: dropped packets are not tried\n');
    return undefined;
  }
  const script = `require('net').createServer().listen({ port: ${port}, host: '127.0.0.1', backlog: 1 }, () => console.log('up'))`;
  const listener = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(listener, 'close');
  await once(listener.stdout, 'data');
  listener.kill('SIGSTOP');
  const sockets = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  const end = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    listener.kill('SIGKILL');
    await closed;
  };
  onTestFinished(end);
  await new Promise((resolve) => setTimeout(resolve, 500));
  if (sockets.some((socket) => socket.connecting)) return end;
  await end();
  process.stderr.write('this system takes more connections than it was told: dropped packets are not tried\n');
  return undefined;
}
