import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../run.ts';
import { packedExecutable } from './packed.ts';
import { waitForPageText } from './page-text.ts';

/**
 * `node build/package/try.ts linux|win|mac`: starts the app as it was packed into dist/, on an empty data folder, and is content
 * once its window asks what the machine is to be: until then main process, archive, preload, page and engine have worked. Its
 * fuses forbid a debugger of Node; the page is asked over the debugging port of Chromium.
 */
const LIMIT_MILLIS = 120_000;
const WANTED = 'What should this machine be?';

const [system] = process.argv.slice(2);
if (system !== 'linux' && system !== 'win' && system !== 'mac') {
  console.error('try: linux, win or mac');
  process.exit(1);
}
const executable = join(root, 'dist', packedExecutable[system]);
const home = mkdtempSync(join(tmpdir(), 'lockstep-try-'));
const port = await freePort();
const app = spawn(executable, [`--user-data-dir=${home}`, `--remote-debugging-port=${port}`, '--lang=en-US'], {
  stdio: 'inherit',
});
const closed = once(app, 'close').catch((error: unknown) => console.error(String(error)));
const over = new AbortController();
const timer = setTimeout(() => over.abort(), LIMIT_MILLIS);
void closed.then(() => over.abort());
const text = await waitForPageText(port, WANTED, over.signal);
clearTimeout(timer);
if (text === undefined) {
  console.error(
    `try: ${executable} has not shown “${WANTED}”${app.exitCode === null ? ' in time' : `, and ended with ${app.exitCode}`}`,
  );
  process.exitCode = 1;
} else {
  console.log('the packed app has started, and its window is there');
}
app.kill();
await closed;
rmSync(home, { recursive: true, force: true, maxRetries: 10 });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('there is no port');
  return address.port;
}
