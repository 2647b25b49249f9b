import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'basic-ftp';
import { expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { ftpLogin } from '../support/ftp-login.ts';
import { lockstep, runLockstep } from '../support/lockstep.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

/** Kills; more with LOCKSTEP_KILLS. Files with LOCKSTEP_FILES. */
const KILLS = Number(process.env['LOCKSTEP_KILLS'] ?? 3);
const FILES = Number(process.env['LOCKSTEP_FILES'] ?? 300);
const FOLDERS = 10;
/** Of readings that show two generations: whether the mirror went on while it was read. */
const READINGS = 10;

const pathOf = (file: number): string => `f${file % FOLDERS}/page${file}.html`;

test(`kill -9 of a mirror while it shows a release of ${FILES} files, ${KILLS} times: all of it, or nothing`, {
  timeout: 300_000 + KILLS * (20_000 + FILES * 50),
}, async () => {
  const folder = await temporaryFolder();
  const [site, copy] = [join(folder, 'site'), join(folder, 'copy')];
  const [master, mirror] = [join(folder, 'master'), join(folder, 'mirror')];
  await mkdir(site);
  const port = await freePort();
  const run = async (...args: string[]): Promise<string> => {
    const outcome = await lockstep(args, { input: 'a password\n' });
    expect(outcome, args.join(' ')).toMatchObject({ code: 0 });
    return outcome.out.trim();
  };
  const listen = ['--ftp', `127.0.0.1:${port}`, '--link', `127.0.0.1:${await freePort()}`, '--plain-ftp'];
  await run('init', '--data', master, '--role', 'master', '--name', 'origin', ...listen);
  await run('site', 'add', 'www', site, '--data', master);
  await run('account', 'add', 'editor', '--site', 'www', '--data', master, '--password-stdin');
  await run('init', '--data', mirror, '--role', 'mirror', '--name', 'tokyo');
  await runLockstep(master);
  await run('join', await run('invite', '--data', master), '--data', mirror, '--root', copy);
  let running = await runLockstep(mirror);

  const client = await ftpLogin({ port, user: 'editor', password: 'a password' });
  for (let at = 0; at < FOLDERS; at += 1) await client.send(`MKD f${at}`);
  let committing = 0;
  await release(client, 0, () => Promise.resolve((committing = performance.now())));
  await until(async () => (await generationsAt(copy)).join() === '0');
  /** From the commit until all of it is seen, and a little longer. */
  const span = (performance.now() - committing) * 1.2;

  const outcomes = { whole: 0, nothing: 0 };
  let published = 0;
  for (let generation = 1; generation <= KILLS; generation += 1) {
    // The commit is not waited for: the mirror is killed before, while and after it shows the release.
    await release(client, generation, () => sleep(Math.random() * span).then(() => running.end('SIGKILL')));
    running = await runLockstep(mirror);
    const found = await settled(copy);
    expect([[generation], [published]]).toContainEqual(found);
    outcomes[found[0] === generation ? 'whole' : 'nothing'] += 1;
    expect((await lockstep(['wait', '--data', master, '--timeout', '120'])).code).toBe(0);
    expect(await generationsAt(copy)).toEqual([generation]);
    published = generation;
  }
  expect(await readTree(copy)).toEqual(await readTree(site));
  expect(await readdir(join(copy, '.lockstep', 'staging'))).toEqual([]);
  process.stderr.write(`mirrors after kill -9: ${outcomes.whole} whole, ${outcomes.nothing} nothing yet\n`);
});

/** Uploads all files as one release; `meanwhile` runs from the commit on. */
async function release(client: Client, generation: number, meanwhile?: () => Promise<unknown>): Promise<void> {
  await client.send(`SITE RELEASE BEGIN ${generation}`);
  for (let file = 0; file < FILES; file += 1) {
    const content = `generation ${generation} of ${file}`;
    await client.uploadFrom(Readable.from([content], { objectMode: false }), pathOf(file));
  }
  await Promise.all([client.send('SITE RELEASE COMMIT'), meanwhile?.()]);
}

/** Which generations stand at the mirror; -1: a file is not there. */
async function generationsAt(copy: string): Promise<number[]> {
  const found = new Set<number>();
  for (let file = 0; file < FILES; file += 1) {
    const text = await readFile(join(copy, pathOf(file)), 'utf8').catch(() => '');
    found.add(Number(/^generation (\d+) /.exec(text)?.[1] ?? -1));
  }
  return [...found];
}

/** Files cannot be read all at the same instant: what is between two generations, but not for long, was just being published. */
async function settled(copy: string): Promise<number[]> {
  let found = await generationsAt(copy);
  for (let reading = 1; reading < READINGS && found.length > 1; reading += 1) found = await generationsAt(copy);
  return found;
}
