import { chmodSync, existsSync, readdirSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import { doStep, identityAt, type Step } from '../../electron/engine/tree/steps.ts';
import { doTogether } from '../../electron/engine/tree/together.ts';
import type { AppError } from '../../shared/errors/app-error.ts';
import { at, sha256 } from '../support/site-calls.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';

async function tree(files: Record<string, string>, staged: Record<string, string> = {}) {
  const root = await SiteRoot.open(await temporaryFolder(), true);
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith('/')) await mkdir(join(root.folder, name), { recursive: true });
    else await writeFile(join(root.folder, name), content);
  }
  for (const [name, content] of Object.entries(staged)) await writeFile(join(root.incoming, name), content);
  const contents = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      Object.entries(await readTree(root.folder)).map(([path, text]) => [path, text.replace(/ @\d+$/, '')]),
    );
  return { root, contents, incoming: () => readdirSync(root.incoming).sort() };
}

const place = (staged: string, path: string): Step => ({ do: 'place', from: 'incoming', staged, path: at(path) });
const never = (step: Step, error: unknown): never => {
  throw new Error(`not undone: ${JSON.stringify(step)} ${String(error)}`);
};

test('steps that depend on each other: kinds change, what is made is used, what is there or gone already is no failure', async () => {
  const { root, contents, incoming } = await tree(
    { 'dir/': '', 'dir/below': 'x', file: 'f', 'there/': '' },
    { s1: 'one', s2: 'two', s3: 'three', s4: 'four' },
  );
  const plan: Step[] = [
    { do: 'remove', path: at('dir/below'), identity: '' },
    { do: 'removeDir', path: at('dir'), identity: '' },
    { do: 'remove', path: at('file'), identity: '' },
    { do: 'makeDir', path: at('file') },
    { do: 'makeDir', path: at('file/deep') },
    { do: 'makeDir', path: at('there') },
    place('s1', 'dir'),
    place('s2', 'file/deep/x'),
    place('s3', 'made/on/the/way'),
    place('s4', 'file/unmade/below/y'),
    { do: 'touch', path: at('dir'), mtime: 1_000_000 },
    { do: 'remove', path: at('gone/already'), identity: '' },
    { do: 'removeDir', path: at('gone'), identity: '' },
  ];
  const touched = await doTogether(root, plan, never);
  expect(await contents()).toEqual({
    dir: 'one',
    'file/': 'dir',
    'file/deep/': 'dir',
    'file/deep/x': 'two',
    'file/unmade/': 'dir',
    'file/unmade/below/': 'dir',
    'file/unmade/below/y': 'four',
    'made/': 'dir',
    'made/on/': 'dir',
    'made/on/the/': 'dir',
    'made/on/the/way': 'three',
    'there/': 'dir',
  });
  expect(statSync(join(root.folder, 'dir')).mtimeMs).toBe(1_000_000);
  expect([...touched].sort()).toEqual([
    '',
    'dir',
    'file',
    'file/deep',
    'file/unmade',
    'file/unmade/below',
    'made',
    'made/on',
    'made/on/the',
  ]);
  expect(incoming()).toEqual([]);
});

test('what is done before a failure is undone, to the same files', async () => {
  const { root, contents, incoming } = await tree(
    { a: 'old', b: 'goes', from: 'moves', to: 'replaced', 'empty/': '', 'full/': '', 'full/x': 'x', 'there/': '' },
    { s1: 'new', s2: 'added' },
  );
  const before = await contents();
  const inode = (name: string): number => statSync(join(root.folder, name)).ino;
  const inodes = ['a', 'b', 'from', 'to'].map(inode);
  // A folder of a group, into which others may not look.
  chmodSync(join(root.folder, 'empty'), 0o770);
  const modeOf = (name: string): number => statSync(join(root.folder, name)).mode;
  const mode = modeOf('empty');
  const plan: Step[] = [
    { do: 'makeDir', path: at('n') },
    { do: 'makeDir', path: at('there') },
    place('s1', 'a'),
    place('s2', 'n/unmade/added'),
    { do: 'touch', path: at('a'), mtime: 1_000_000 },
    { do: 'remove', path: at('b'), identity: '' },
    { do: 'move', from: at('from'), path: at('to'), identity: '' },
    { do: 'removeDir', path: at('empty'), identity: '' },
    { do: 'removeDir', path: at('full'), identity: '' },
  ];
  await expect(doTogether(root, plan, never)).rejects.toMatchObject({
    code: 'file.directory-not-empty',
    params: { path: 'full' },
  });
  expect([await contents(), ['a', 'b', 'from', 'to'].map(inode)]).toEqual([before, inodes]);
  expect(modeOf('empty')).toBe(mode);
  expect(incoming()).toEqual(['s1', 's2']);
});

test('what somebody else puts in place while the steps are looked up is there again where they fail', async () => {
  const { root, contents } = await tree(
    { a: 'old', b: 'goes', to: 'replaced', from: 'moves', 'full/': '', 'full/x': 'x' },
    { s1: 'new', s2: 'added', s3: 'last' },
  );
  const plan: Step[] = [
    place('s1', 'a'),
    place('s2', 'added'),
    { do: 'remove', path: at('b'), identity: '' },
    { do: 'move', from: at('from'), path: at('to'), identity: '' },
    place('s3', 'full/last'),
    { do: 'removeDir', path: at('full'), identity: '' },
  ];
  const resolve = root.resolve.bind(root);
  vi.spyOn(root, 'resolve').mockImplementation((path) => {
    for (const name of path === 'full/last' ? ['a', 'added', 'b', 'to'] : []) {
      writeFileSync(join(root.folder, '~'), `by somebody else: ${name}`);
      renameSync(join(root.folder, '~'), join(root.folder, name));
    }
    return resolve(path);
  });
  await expect(doTogether(root, plan, never)).rejects.toMatchObject({ code: 'file.directory-not-empty' });
  expect(await contents()).toMatchObject({
    a: 'by somebody else: a',
    added: 'by somebody else: added',
    b: 'by somebody else: b',
    to: 'by somebody else: to',
    from: 'moves',
  });
});

test('where the disk is taken out among the steps they are undone once it is back', async () => {
  const { root, contents, incoming } = await tree({ a: 'old', b: 'goes', c: 'c' }, { s1: 'new' });
  const [before, away] = [await contents(), `${root.folder} away`];
  const plan: Step[] = [
    { do: 'makeDir', path: at('n') },
    place('s1', 'a'),
    { do: 'remove', path: at('b'), identity: '' },
    {
      do: 'touch',
      path: at('c'),
      get mtime(): number {
        renameSync(root.folder, away);
        throw new Error('no');
      },
    },
  ];
  const told: string[] = [];
  const again = async ({ code }: AppError): Promise<void> => {
    told.push(code);
    if (told.length === 2) renameSync(away, root.folder);
  };
  await expect(doTogether(root, plan, never, again)).rejects.toThrow('no');
  expect([told, await contents(), incoming()]).toEqual([['site.root-missing', 'site.root-missing'], before, ['s1']]);
});

test('a time that is undone is not set on what has been written since', async () => {
  const { root } = await tree({ a: 'old', b: 'other', c: 'last' });
  for (const name of ['a', 'b', 'c']) utimesSync(join(root.folder, name), 1000, 1000);
  const plan: Step[] = [
    { do: 'touch', path: at('a'), mtime: 2_000_000, was: 1_000_000 },
    { do: 'touch', path: at('b'), mtime: 2_000_000, was: 1_000_000 },
    {
      do: 'touch',
      path: at('c'),
      // Somebody writes right before the step that fails.
      get mtime(): number {
        writeFileSync(join(root.folder, 'a'), 'new');
        throw new Error('no');
      },
    },
  ];
  await expect(doTogether(root, plan, never)).rejects.toThrow('no');
  expect(statSync(join(root.folder, 'b')).mtimeMs).toBe(1_000_000);
  expect(statSync(join(root.folder, 'a')).mtimeMs).toBeGreaterThan(2_000_000);
});

test('a version is kept once, of the very file that is meant, and never of what took its place', async () => {
  const { root } = await tree({ a: 'one' }, { s1: 'two' });
  const kept = join(root.versions, sha256('one'));
  const keep: Step = { do: 'keep', path: at('a'), sha256: sha256('one'), identity: await identityAt(root, at('a')) };
  await doStep(root, place('s1', 'a'), 'first');
  await doStep(root, keep, 'repeat');
  expect(existsSync(kept)).toBe(false);
  const again: Step = { ...keep, sha256: sha256('two'), identity: await identityAt(root, at('a')) };
  await doStep(root, again, 'first');
  await doStep(root, again, 'repeat');
  expect(await readFile(join(root.versions, sha256('two')), 'utf8')).toBe('two');
  expect(statSync(join(root.folder, 'a')).nlink).toBe(2);
});

test.each([[['Y', 'y/z']], [['y/z', 'Y']], [['Y/a/b', 'y/c']]])(
  'on a disk that folds case %j are no folders of one set: one is above another by another spelling',
  async (paths) => {
    const { root } = await tree({});
    Object.defineProperty(root, 'foldsCase', { value: true });
    const plan = paths.map((path): Step => ({ do: 'makeDir', path: at(path) }));
    await expect(doTogether(root, plan, never)).rejects.toMatchObject({ code: 'path.case-clash' });
  },
);
