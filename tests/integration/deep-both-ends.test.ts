import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { doctorReport } from '../../shared/contract/doctor.ts';
import { type Install, type Network, startNetwork } from '../support/network.ts';
import { until } from '../support/until.ts';

async function deep(install: Install, ...args: string[]) {
  const { code, out, err } = await install.run('doctor', ['--deep', '--json', ...args]);
  expect(err).toBe('');
  const [report] = doctorReport.parse(JSON.parse(out)).deep ?? [];
  const named = report?.differences.map(({ kind, path }) => `${kind} ${path}`);
  const peers = report?.peers.map(({ name, state, tally }) => [name, state, tally?.counts ?? {}, tally?.mended ?? 0]);
  return { code, state: report?.state, named, mended: report?.mended, peers };
}

test('a master asks its mirrors how their copies are, lists what differs, and has it mended; a mirror that leaves says so', async () => {
  const network = await startNetwork();
  const { master, tokyo, osaka } = network;
  for (const name of ['a.html', 'b.html', 'c.html']) await writeFile(join(master.root, name), `content of ${name}`);
  await master.must('site rescan', ['www']);
  await network.inStep();
  const well = (name: string) => [name, 'done', {}, 0];
  const sound = { code: 0, state: 'done', named: [], mended: 0 };
  expect(await deep(master)).toEqual({ ...sound, peers: [well('osaka'), well('tokyo')] });
  expect(await deep(tokyo)).toEqual({ ...sound, peers: [well('origin')] });

  await writeFile(join(tokyo.root, 'a.html'), 'somebody else');
  await rm(join(tokyo.root, 'b.html'));
  const counts = { changed: 1, missing: 1 };
  const told = await deep(master);
  expect(told).toEqual({ ...sound, code: 1, peers: [well('osaka'), ['tokyo', 'done', counts, 0]] });
  const words = (await master.run('doctor', ['--deep'])).out;
  expect(words).toMatch(/▲ tokyo: 2 differences\n +a\.html: different content\n +b\.html: missing\n/);
  expect(await deep(master, '--mend')).toMatchObject({ code: 0, peers: [well('osaka'), ['tokyo', 'done', counts, 2]] });
  await until(async () => (await readFile(join(tokyo.root, 'b.html'), 'utf8').catch(() => '')) !== '', 'it is fetched');
  await network.inStep();

  // At rest there is no link: what is here is looked at all the same.
  await osaka.stop();
  expect(await deep(osaka)).toEqual({ ...sound, peers: [['origin', 'away', {}, 0]] });
  await goodbye(network);
});

/** One leaves while it runs, the other while it is at rest, and tells when it runs again. */
async function goodbye({ master, tokyo, osaka }: Network): Promise<void> {
  await tokyo.must('follow remove');
  const mirrors = async () => (await master.status()).sites[0]?.peers.map(({ name }) => name);
  const left = async () => (await master.status()).sites[0]?.left?.map(({ name }) => name).toSorted();
  await until(async () => (await mirrors())?.length === 1, 'the master knows');
  expect([await mirrors(), await left()]).toEqual([['osaka'], ['tokyo']]);
  await until(async () => (await tokyo.must('peer list', ['--json'])) === '[]', 'tokyo forgets it');
  expect(JSON.parse(await master.must('peer list', ['--json']))).toMatchObject([{ name: 'osaka' }]);
  const users = JSON.parse(await master.must('account list', ['--json'])) as { kind: string }[];
  expect(users.filter(({ kind }) => kind === 'mirror')).toHaveLength(1);

  await osaka.must('peer remove', ['origin']);
  expect(await osaka.must('peer list', ['--json'])).toBe('[]');
  expect(await mirrors()).toEqual(['osaka']);
  await osaka.start();
  await until(async () => (await mirrors())?.length === 0, 'the master knows');
  expect(await left()).toEqual(['osaka', 'tokyo']);
  expect((await master.run('status')).out).toMatch(/○ tokyo stopped following it at \d/);
  expect(await master.run('wait', ['--timeout', '1s'])).toMatchObject({ code: 0 });
}
