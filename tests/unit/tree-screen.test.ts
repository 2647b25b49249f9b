import { expect, test } from 'vitest';
import { TreeModel, type Line } from '../../renderer/features/site/tree-model.ts';
import { moveOf, typedAhead } from '../../renderer/features/site/tree-keys.ts';
import type { Bridge } from '../../renderer/bridge/bridge.ts';
import type { TreePage, TreeRow } from '../../shared/contract/site-tree.ts';

const file = (path: string): TreeRow =>
  ({ kind: 'file', path, size: 1, mtime: 0, state: 'published', has: 1, of: 1 }) as TreeRow;
const dir = (path: string): TreeRow => ({ kind: 'dir', path, state: 'published' }) as TreeRow;

/** An engine whose folders are lists, two rows a page. */
function modelOf(tree: Record<string, TreeRow[]>): { model: TreeModel; asked: string[] } {
  const asked: string[] = [];
  const call = (name: string, { folder = '', after }: { folder?: string; after?: string }): Promise<TreePage> => {
    asked.push(`${name} ${folder} ${after ?? ''}`.trim());
    const rows = tree[folder] ?? [];
    const start = after === undefined ? 0 : Number(after.slice(2));
    const page = { site: 'www', rows: rows.slice(start, start + 2) };
    return Promise.resolve(start + 2 < rows.length ? { ...page, next: `f/${start + 2}` } : page);
  };
  return { model: new TreeModel({ call } as unknown as Bridge, 'www', undefined), asked };
}

const texts = (lines: readonly Line[]): string[] =>
  lines.map((line) => `${' '.repeat(line.depth)}${line.is === 'row' ? line.row.path : `(${line.is})`}`);

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test('folders are read when they are opened, and pages when they come into view', async () => {
  const { model, asked } = modelOf({
    '': [dir('a'), file('b.html'), file('c.html')],
    a: [file('a/1'), file('a/2'), file('a/3')],
    empty: [],
  });
  expect(texts(model.lines())).toEqual(['(more)']);
  model.see(0, 0);
  await settled();
  expect(texts(model.lines())).toEqual(['a', 'b.html', '(more)']);
  model.see(0, 2);
  await settled();
  expect(texts(model.lines())).toEqual(['a', 'b.html', 'c.html']);
  model.toggle('a');
  model.see(0, 5);
  await settled();
  expect(texts(model.lines())).toEqual(['a', ' a/1', ' a/2', ' (more)', 'b.html', 'c.html']);
  model.toggle('a');
  expect(texts(model.lines())).toEqual(['a', 'b.html', 'c.html']);
  expect(asked).toEqual(['site.browse', 'site.browse  f/2', 'site.browse a']);
  model.stop();
});

test('a path is revealed however far down it lies, or is not there', async () => {
  const { model } = modelOf({
    '': [dir('x'), dir('a')],
    a: [file('a/1'), file('a/2'), file('a/3'), file('a/4'), file('a/5')],
  });
  expect(await model.reveal('a/5')).toBe(true);
  expect(texts(model.lines())).toEqual(['x', 'a', ' a/1', ' a/2', ' a/3', ' a/4', ' a/5']);
  expect(await model.reveal('a/6')).toBe(false);
  model.stop();
});

test('what has changed on the screen is read again; an unchanged page stays the same', async () => {
  const tree = { '': [file('a'), file('b'), file('c')] };
  const { model, asked } = modelOf(tree);
  model.see(0, 0);
  await settled();
  model.see(0, 2);
  await settled();
  tree[''] = [{ ...file('a'), state: 'failing' }, file('b'), file('c')];
  model.see(0, 1);
  asked.length = 0;
  model.changed();
  await settled();
  expect(asked).toEqual(['site.browse']);
  const [line] = model.lines();
  expect(line?.is === 'row' && line.row.state).toBe('failing');
  expect(texts(model.lines())).toEqual(['a', 'b', 'c']);
  model.stop();
});

test('keys: arrows fold and unfold, letters find the next name', () => {
  const line = (path: string, depth: number, isOpen?: boolean): Line => ({
    is: 'row',
    key: path,
    row: isOpen === undefined ? file(path) : dir(path),
    depth,
    isOpen,
  });
  const lines = [line('a', 0, true), line('a/x', 1), line('b', 0, false), line('bonus.html', 0)];
  expect(moveOf('ArrowLeft', lines, 1, 10)).toEqual({ do: 'go', to: 0 });
  expect(moveOf('ArrowLeft', lines, 0, 10)).toEqual({ do: 'shut', path: 'a' });
  expect(moveOf('ArrowLeft', lines, 3, 10)).toBeUndefined();
  expect(moveOf('ArrowRight', lines, 0, 10)).toEqual({ do: 'go', to: 1 });
  expect(moveOf('ArrowRight', lines, 2, 10)).toEqual({ do: 'open', path: 'b' });
  expect(moveOf('Enter', lines, 3, 10)).toEqual({ do: 'show', path: 'bonus.html' });
  expect(moveOf('Enter', lines, 2, 10)).toEqual({ do: 'open', path: 'b' });
  expect(moveOf('PageDown', lines, 1, 10)).toEqual({ do: 'go', to: 3 });
  expect(moveOf('ArrowDown', lines, -1, 10)).toEqual({ do: 'go', to: 0 });
  expect(typedAhead('b', lines, 0)).toBe(2);
  expect(typedAhead('b', lines, 2)).toBe(3);
  expect(typedAhead('BO', lines, 2)).toBe(3);
  expect(typedAhead('x', lines, 2)).toBe(1);
  expect(typedAhead('zz', lines, 2)).toBeUndefined();
});
