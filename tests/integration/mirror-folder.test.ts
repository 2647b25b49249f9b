import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { status as statusSchema } from '../../shared/contract/status.ts';
import { freePort } from '../support/free-port.ts';
import { lockstep, runLockstep } from '../support/lockstep.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';

test('a mirror whose folder is lost says so, and fetches all of it anew when a person says so', async () => {
  const { mirror, site, copy, running, must, waiting } = await pair();
  await running.end();
  // Also where what somebody removes here stays away: this was nobody.
  await must('follow', 'set', '--drift', 'keep', '--data', mirror);
  await rm(copy, { recursive: true });

  const again = await runLockstep(mirror);
  expect(await waiting()).toEqual([{ id: 'www:site', code: 'site.root-missing' }]);
  const why = expect.stringContaining(`The folder “${copy}” is not there`);
  expect(await lockstep(['wait', '--data', mirror, '--timeout', '1s'])).toMatchObject({ code: 3, err: why });
  expect(await must('status', '--data', mirror)).toEqual(why);
  await must('waiting', 'publish', 'www:site', '--data', mirror);
  await must('wait', '--data', mirror, '--timeout', '120s');
  expect(await readTree(copy)).toEqual(await readTree(site));
  expect(await waiting()).toEqual([]);

  await again.end();
});

test('a folder that was away for a while is no trouble any more when it is back, whoever brought what was missing', async () => {
  const { folder, master, mirror, site, copy, running, must, waiting } = await pair();
  const away = join(folder, 'away');
  await rename(copy, away);
  await writeFile(join(site, 'new.html'), 'new');
  await must('site', 'rescan', 'www', '--data', master);
  await expect.poll(waiting).toMatchObject([{ code: 'site.root-missing' }]);
  await writeFile(join(away, 'new.html'), 'new');
  await rename(away, copy);
  await must('wait', '--data', mirror, '--timeout', '120s');
  await expect.poll(waiting).toEqual([]);
  await running.end();
});

test('a mirror whose folder was moved goes on at its new place, running or not, and fetches nothing anew; another is refused', async () => {
  const { folder, master, mirror, site, copy, running, must, waiting } = await pair();
  const [moved, other, last] = [join(folder, 'moved'), join(folder, 'other'), join(folder, 'last')];
  const told = async (root: string): Promise<string> => {
    const { code, err } = await lockstep(['follow', 'set', '--root', root, '--data', mirror]);
    return `${code ?? ''} ${err}`;
  };
  const before = await stat(join(copy, 'a.html'));
  await rename(copy, moved);
  await mkdir(other);
  await expect.poll(waiting).toMatchObject([{ code: 'site.root-missing' }]);
  expect(await must('status', '--data', mirror)).toContain(
    `If it was moved: lockstep follow set --site www --root PATH --data ${mirror}. If it is lost,`,
  );
  // The master tells it as what is to be done at the mirror.
  const atMaster = () => must('waiting', 'list', '--data', master);
  await expect.poll(atMaster).toMatch(/On \S+, mount its disk or put the folder back/);
  expect(await atMaster()).not.toMatch(/lockstep (?:site|follow) set/);
  expect(await told(other)).toMatch(/^1 .*\(site\.root-elsewhere\)/);
  expect(await told(join(folder, 'nowhere'))).toMatch(/^1 .*\(site\.no-folder\)/);
  expect(await told(join(mirror, 'identity'))).toMatch(/^1 .*\(site\.root-clash\)/);
  expect(await must('follow', 'set', '--root', moved, '--data', mirror)).toContain(moved);
  await writeFile(join(site, 'new.html'), 'new');
  await must('site', 'rescan', 'www', '--data', master);
  await must('wait', '--data', master, '--timeout', '120s');
  expect(await readTree(moved)).toEqual(await readTree(site));
  expect((await stat(join(moved, 'a.html'))).ino).toBe(before.ino);
  expect(await waiting()).toEqual([]);

  await running.end();
  await rename(moved, last);
  await must('follow', 'set', '--root', last, '--rate', '2MB/s', '--data', mirror);
  const again = await runLockstep(mirror);
  await must('wait', '--data', mirror, '--timeout', '120s');
  expect(await readTree(last)).toEqual(await readTree(site));
  expect(await waiting()).toEqual([]);
  await again.end();
});

test('a site whose folder was not there at the start goes on by itself when it is', async () => {
  const { folder, mirror, copy, running, must, waiting } = await pair();
  await running.end();
  await rename(copy, join(folder, 'away'));
  const again = await runLockstep(mirror);
  expect(await waiting()).toEqual([{ id: 'www:site', code: 'site.root-missing' }]);
  await rename(join(folder, 'away'), copy);
  await must('wait', '--data', mirror, '--timeout', '120s');
  expect(await waiting()).toEqual([]);
  await again.end();
});

/** A master and a mirror that run, in step. */
async function pair() {
  const folder = await temporaryFolder();
  const [site, copy] = [join(folder, 'site'), join(folder, 'copy')];
  const [master, mirror] = [join(folder, 'master'), join(folder, 'mirror')];
  await mkdir(site);
  for (const name of ['a.html', 'b.html', 'c.html']) await writeFile(join(site, name), `content of ${name}`);
  const must = async (...args: string[]): Promise<string> => {
    const outcome = await lockstep(args);
    expect(outcome, args.join(' ')).toMatchObject({ code: 0 });
    return outcome.out.trim();
  };
  const waiting = async () =>
    statusSchema
      .parse(JSON.parse(await must('status', '--data', mirror, '--json')))
      .waiting.map(({ id, error }) => ({ id, code: error.code }));
  await must(
    'init',
    '--data',
    master,
    '--role',
    'master',
    '--ftp',
    '127.0.0.1:0',
    '--link',
    `127.0.0.1:${await freePort()}`,
  );
  await must('site', 'add', 'www', site, '--data', master);
  await must('init', '--data', mirror, '--role', 'mirror');
  await runLockstep(master);
  await must('join', await must('invite', '--data', master), '--data', mirror, '--root', copy);
  const running = await runLockstep(mirror);
  await must('wait', '--data', master, '--timeout', '120s');
  return { folder, master, mirror, site, copy, running, must, waiting };
}
