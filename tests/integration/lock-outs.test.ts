import { expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../electron/engine/engine.ts';
import { quietPorts } from '../../electron/entry/cli/ports.ts';
import { FAILURES_MAX, LOCK_OUT_MILLIS } from '../../electron/engine/master/ftp-server/login-throttle.ts';
import { ask, inProcess, newMaster } from '../support/commands.ts';
import { RawFtp } from '../support/ftp-raw-client.ts';
import { until } from '../support/until.ts';

/* Who is locked out of the FTP server after wrong passwords is told, and can be let in again. */

const PASSWORD = 'a right password';

async function answerTo(port: number, user: string, password: string): Promise<string> {
  const client = await RawFtp.connect(port);
  await client.command(`USER ${user}`);
  const answer = await client.command(`PASS ${password}`);
  client.socket.destroy();
  return answer.slice(0, 3);
}

test('an address that is locked out is told with the account that was tried, until when, and is let in again', async () => {
  const { dataDir, root } = await newMaster();
  await ask('site add', dataDir, 'www', root);
  const unlock = (who: string) => inProcess(['account', 'unlock', who, '--data', dataDir]);
  expect(await unlock('127.0.0.1')).toMatchObject({
    code: 1,
    err: expect.stringContaining('“127.0.0.1” is not locked out'),
  });
  const engine = await createEngine(quietPorts(dataDir), dataDir);
  onTestFinished(() => engine.stop());
  await engine.call('account.add', { user: 'alice', site: 'www', password: PASSWORD });
  let told: unknown;
  onTestFinished(
    engine.subscribe((event) => void (event.type === 'status' && (told = event.status.lockOuts)), 'status'),
  );
  expect(told).toBeUndefined();
  const { port = 0 } = engine.listeners().ftp ?? {};
  const before = Date.now();
  // The last of them was typed where the name should be: it is shown to nobody.
  // The answers come after a growing wait, which nobody needs here.
  for (let index = 0; index < FAILURES_MAX; index += 1) {
    const client = await RawFtp.connect(port);
    await client.command(`USER ${index === 9 ? 'a secret' : 'alice'}`);
    client.write('PASS wrong\r\n');
  }
  const lockOut = { kind: 'address', who: '127.0.0.1', until: expect.any(Number), tried: 'alice' };
  await until(() => told !== undefined, 'it is told to who listens');
  expect(told).toEqual([lockOut]);
  expect(await answerTo(port, 'alice', PASSWORD)).toBe('421');
  const [first] = (await ask('status', dataDir)).lockOuts ?? [];
  expect(first?.until).toBeGreaterThanOrEqual(before + LOCK_OUT_MILLIS);
  expect(first?.until).toBeLessThanOrEqual(Date.now() + LOCK_OUT_MILLIS);
  const { out } = await inProcess(['status', '--data', dataDir]);
  expect(out).toMatch(
    /^▲ 127\.0\.0\.1 is locked out of FTP for 15 min more, .*\(for alice\): lockstep account unlock 127\.0\.0\.1/m,
  );
  expect(await unlock('192.0.2.9')).toMatchObject({ code: 1 });
  expect(await unlock('127.0.0.1')).toMatchObject({ code: 0, out: '127.0.0.1 can log in again.\n' });
  expect(await answerTo(port, 'alice', PASSWORD)).toBe('230');
  expect((await ask('status', dataDir)).lockOuts).toBeUndefined();
  await until(() => told === undefined, 'it is told that nobody is locked out');
});
