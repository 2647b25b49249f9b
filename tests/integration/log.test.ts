import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'basic-ftp';
import { expect, onTestFinished, test } from 'vitest';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { readRunFile } from '../../electron/engine/console/run-file.ts';
import { fileSecrets } from '../../electron/engine/install/file-secrets.ts';
import { createLog } from '../../electron/engine/log/logger.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { ask, inProcess } from '../support/commands.ts';
import { ftpLogin } from '../support/ftp-login.ts';
import { rightsOf } from '../support/rights.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const SECRETS = ['hunter2-publisher', 'hunter2-wrong', 'hunter2-target', 'hunter2-unknown'];

/** A master in this process, whose log is recorded to the last detail. */
async function startLogged(): Promise<{ engine: Engine; dataDir: string; root: string; out: string[] }> {
  const folder = await temporaryFolder();
  const [dataDir, root] = [join(folder, 'data'), await temporaryFolder()];
  const listen = { host: '127.0.0.1', port: 0 };
  await initNode(dataDir, { role: 'master', name: 'origin', ftp: listen, link: listen, plainFtp: true });
  const out: string[] = [];
  const { logger, ring } = createLog('debug', { write: (line) => void out.push(line) });
  const engine = await createEngine({ clock: systemClock, logger, secrets: fileSecrets(dataDir), log: ring }, dataDir);
  onTestFinished(() => engine.stop());
  await engine.call('log.record', { level: 'debug' });
  return { engine, dataDir, root, out };
}

test('no secret is logged, stands in an address or in a file that others may read', async () => {
  const { engine, dataDir, root, out } = await startLogged();
  await engine.call('site.add', { name: 'www', root });
  await engine.call('account.add', { user: 'alice', site: 'www', password: 'hunter2-publisher' });
  const { code } = await engine.call('pairing.invite', { site: 'www' });
  const { port = 0 } = engine.listeners().ftp ?? {};
  const login = async (password: string): Promise<Client> => {
    return ftpLogin({ port, user: 'alice', password });
  };
  await expect(login('hunter2-wrong')).rejects.toThrow();
  const client = await login('hunter2-publisher');
  await expect(client.send('DELE no-such.html')).rejects.toThrow();
  // Answered with 202, which the client takes for a refusal.
  await client.send('PASS hunter2-unknown').catch(() => undefined);
  const refused: Promise<unknown>[] = [
    engine.call('account.add', { user: 'alice', site: 'www', password: 'hunter2-publisher' }),
    engine.call('account.add', { user: 'bob', site: 'www', password: 'hunter2-publisher', other: 1 } as never),
    engine.call('pairing.join', { code, root }),
    engine.call('account.password' as never, { user: 'nobody', password: 'hunter2-unknown' } as never),
  ];
  const reasons = await Promise.all(
    refused.map((each) =>
      each.then(
        () => '',
        (error: unknown) => String(error),
      ),
    ),
  );
  const run = await readRunFile(dataDir);
  const config = await readFile(join(dataDir, 'config.json'), 'utf8');
  const { lines } = await engine.call('log.page', {});
  expect(lines.map(({ text }) => text)).toEqual(
    expect.arrayContaining(['a login was refused', 'a command was refused']),
  );
  expect(lines.find(({ details }) => details['verb'] === 'DELE')).toMatchObject({
    level: 'debug',
    part: 'ftp',
    details: { arg: 'no-such.html', reply: 550 },
  });
  const told = [JSON.stringify(lines), ...out, ...reasons, config, JSON.stringify(engine.listeners())].join('\n');
  const pairing = Buffer.from(code.slice('lockstep1-'.length, -6), 'base64url').toString('utf8');
  const secret = (JSON.parse(pairing) as unknown[])[2] as string;
  for (const each of [...SECRETS, run?.token ?? '-', code, secret]) expect(told).not.toContain(each);
  expect(await rightsOf(join(dataDir, 'run.json'), 0o600)).toBe(0o600);
  expect(await rightsOf(join(dataDir, 'lockstep.db'), 0o600)).toBe(0o600);
});

test('the command line reads the log of what runs, and says so where nothing does', async () => {
  const { engine, dataDir } = await startLogged();
  const lines = await ask('log', dataDir, '--level', 'info');
  expect(lines.some(({ part, text }) => part === 'console' && text === 'the console listens')).toBe(true);
  const { out } = await inProcess(['log', '--data', dataDir]);
  expect(out).toMatch(/^\d{4}-[-\d]+ [:\d]+ info {2}\[console\] the console listens host=127\.0\.0\.1 port=\d+$/m);
  expect(await ask('log record', dataDir, 'info')).toEqual({ level: 'info' });
  expect((await engine.call('log.page', {})).recorded).toBe('info');
  await engine.stop();
  await until(async () => (await readRunFile(dataDir)) === undefined, 'it has ended');
  expect(await inProcess(['log', '--data', dataDir])).toMatchObject({
    code: 1,
    err: expect.stringContaining('node.not-running'),
  });
});
