import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { status as statusSchema } from '../../shared/contract/status.ts';
import { hashOf } from './content.ts';
import { ABSENT, type Held, type Model } from './model.ts';
import type { Node } from './node.ts';
import type { World } from './world.ts';

const SHOWN = 10;
const WAIT_SECONDS = 300;
/** A server may go on with what a client that was cut off has sent, for a moment; and what was changed by hand is published once it has been still. */
const SETTLED_MILLIS = 2500;

/** Says, once all is quiet, what is not as it must be. Nothing: all is well. */
export async function judge(world: World, model: Model): Promise<string[]> {
  const { master, mirrors } = world;
  const look = (path: string): Promise<Held> => hold(master, path);
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MILLIS));
  await model.resolve(look, 0);
  await master.lockstep(['site', 'rescan', 'www']);
  const waited = await master.try(['wait', '--timeout', `${WAIT_SECONDS}s`]);
  if (waited.code !== 0) return [`not in step: ${waited.err.trim()}`, ...(await held(mirrors))];
  const wrong = [...model.faults, ...(await model.compare(look)), ...missingInJournal(master, model)];
  const tree = await treeOf(master.root);
  for (const mirror of mirrors) {
    wrong.push(...differences(mirror.name, await treeOf(mirror.root), tree));
    const left = await readdir(join(mirror.root, '.lockstep', 'staging'));
    const named = [...left.slice(0, SHOWN), ...(left.length > SHOWN ? ['…'] : [])].join(', ');
    if (left.length > 0) wrong.push(`${mirror.name}: ${left.length} files are left in staging: ${named}`);
  }
  const incoming = await readdir(join(master.root, '.lockstep', 'incoming'));
  // Parts of broken-off uploads are kept for a day, by promise.
  const left = incoming.filter((name) => !name.startsWith('part-'));
  if (left.length > 0) wrong.push(`${left.length} files are left in incoming: ${left.slice(0, SHOWN).join(', ')}`);
  for (const node of world.nodes) {
    const { waiting } = statusSchema.parse(JSON.parse(await node.lockstep(['status', '--json'])));
    for (const { path, kind } of waiting) wrong.push(`${node.name}: ${path ?? 'something'} waits (${kind})`);
  }
  return wrong;
}

async function hold({ root }: Node, path: string): Promise<Held> {
  return readFile(join(root, path)).then(hashOf, (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    return ABSENT;
  });
}

/** Each 226 is a row of the journal: its path, and what was sent. */
function missingInJournal({ dataDir }: Node, model: Model): string[] {
  const db = new DatabaseSync(join(dataDir, 'lockstep.db'), { readOnly: true });
  try {
    const rows = db.prepare("SELECT path, sha256 FROM journal WHERE op = 'put'").all();
    const journalled = new Set(rows.map(({ path, sha256 }) => `${String(sha256)} ${String(path)}`));
    const lost = model.promised.filter(({ path, hash }) => !journalled.has(`${hash} ${path}`));
    return lost.map(({ path, hash }) => `226 for ${path} (${hash.slice(0, 12)}), and the journal does not have it`);
  } finally {
    db.close();
  }
}

/** Path → what it is: content, size and time. The reserved folder is left out. */
async function treeOf(root: string): Promise<Map<string, string>> {
  const tree = new Map<string, string>();
  for (const item of await readdir(root, { recursive: true, withFileTypes: true })) {
    const absolute = join(item.parentPath, item.name);
    const path = absolute.slice(root.length + 1);
    if (path === '.lockstep' || path.startsWith('.lockstep/')) continue;
    if (item.isDirectory()) tree.set(path, 'folder');
    else {
      const { size, mtimeMs } = await lstat(absolute);
      tree.set(path, `${hashOf(await readFile(absolute)).slice(0, 16)}, ${size} bytes, ${Math.round(mtimeMs)}`);
    }
  }
  return tree;
}

function differences(name: string, there: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): string[] {
  const paths = [...new Set([...there.keys(), ...wanted.keys()])].filter(
    (path) => there.get(path) !== wanted.get(path),
  );
  const shown = paths.slice(0, SHOWN);
  const lines = shown.map(
    (path) => `${name}: ${path} is ${there.get(path) ?? 'absent'}, at the master ${wanted.get(path) ?? 'absent'}`,
  );
  return paths.length > SHOWN ? [...lines, `${name}: ${paths.length - SHOWN} more differ`] : lines;
}

async function held(mirrors: readonly Node[]): Promise<string[]> {
  return Promise.all(
    mirrors.map(
      async (mirror) => `${mirror.name}: ${(await mirror.try(['waiting', 'list'])).out.trim().slice(0, 2000)}`,
    ),
  );
}
