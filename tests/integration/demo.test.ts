import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { sampleSite } from '../../electron/entry/demo/sample-site.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DEMO = fileURLToPath(new URL('../../electron/entry/demo.ts', import.meta.url));

/** Starts the demo with a temporary folder of its own, so that what it leaves behind can be seen. */
function startDemo(...args: string[]) {
  return startBy(process.execPath, [DEMO, ...args]);
}

async function startBy(program: string, args: readonly string[]) {
  const folder = await temporaryFolder();
  const child = spawn(program, args, {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  const ended = once(child, 'close').then(async () => ({ code: child.exitCode, out, left: await readdir(folder) }));
  const printed = async (text: string): Promise<void> => {
    while (!out.includes(text)) await Promise.race([once(child.stdout, 'data'), ended]);
  };
  return { child, ended, printed, out: () => out };
}

test('publishes, changes, renames and deletes, compares byte by byte, and cleans up', async () => {
  const { ended } = await startDemo('--once');
  const { code, out, left } = await ended;
  const files = sampleSite().size + 100 - 1;
  if (code !== 0) console.log(out);
  expect({ code, left }).toEqual({ code: 0, left: [] });
  expect(out).toContain(`● Both mirrors hold the same ${files} files as the master, byte by byte.`);
  expect(out).toMatch(/publish the site +16 +20\.1 MB +\d/);
});

const isWindows = process.platform === 'win32';
if (isWindows) process.stderr.write('Windows has no signals: that the demo is ended by one is not tried there\n');

test.skipIf(isWindows)('stays up until Ctrl-C, says how to put a file there, and the curl line works', async () => {
  const demo = await startDemo();
  await demo.printed('Ctrl-C ends it');
  const [, certificate = '', login = '', url = ''] =
    /curl --ssl-reqd --cacert (\S+) -u (\S+) -T README\.md (\S+)/.exec(demo.out()) ?? [];
  const curl = spawn('curl', ['-sS', '--ssl-reqd', '--cacert', certificate, '-u', login, '-T', DEMO, url]);
  const code = await new Promise((resolve) => {
    curl.once('close', resolve);
    curl.once('error', () => resolve('curl is not installed'));
  });
  if (code !== 0) console.log(`curl: ${String(code)}`);
  expect([0, 'curl is not installed']).toContain(code);
  demo.child.kill('SIGINT');
  expect(await demo.ended).toMatchObject({ code: 0, left: [] });
});

test.skipIf(isWindows).each([0, 1500, 4000])(
  'leaves nothing behind when it is stopped %i ms after its first line',
  async (millis) => {
    const demo = await startDemo();
    await demo.printed('Lockstep demo');
    await delay(millis);
    demo.child.kill('SIGTERM');
    expect(await demo.ended).toMatchObject({ code: 0, left: [] });
  },
);

test.skipIf(isWindows)('ends with the shell in which npm has started it, which passes no signal on', async () => {
  // The second command keeps the shell from making way for the first.
  const demo = await startBy('sh', ['-c', '"$0" build/demo.ts --once; true', process.execPath]);
  await demo.printed('Lockstep demo');
  demo.child.kill('SIGTERM');
  expect(await demo.ended).toMatchObject({ left: [] });
  expect(demo.out()).not.toContain('Both mirrors hold');
});
