import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

/** What the release workflow names is there, and what it runs of others is what it was when somebody looked at it. */

const root = join(import.meta.dirname, '..', '..');
const files = globSync('.github/workflows/*.yml', { cwd: root }).sort();
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const allOf = (file: string, pattern: RegExp): string[] =>
  [...read(file).matchAll(pattern)].map(([, name = '']) => name);

test('the workflows are found', () => {
  expect(files).toEqual(['.github/workflows/release.yml', '.github/workflows/system.yml']);
});

describe.each(files)('%s', (file) => {
  test('runs each action of others by the commit of its tag, which is named', () => {
    const foreign = allOf(file, /uses: (.*)$/gmu).filter((used) => !used.startsWith('./'));
    expect(foreign.length).toBeGreaterThan(0);
    expect(foreign.filter((used) => !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u.test(used))).toEqual([]);
  });

  test('calls what there is: workflows, scripts of package.json, files, commands of packages', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = allOf(file, /npm run "?([a-z][\w:$-]*)/gu);
    const systems = ['linux', 'win', 'mac'];
    const all = named.flatMap((name) =>
      name.includes('$SYSTEM') ? systems.map((s) => name.replace('$SYSTEM', s)) : name,
    );
    expect(all.filter((name) => !(name in scripts))).toEqual([]);
    const paths = [...allOf(file, /uses: \.\/(\S+)/gu), ...allOf(file, /\bnode (build\/\S+)/gu)];
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const commands = allOf(file, /npx --no-install (\S+)/gu);
    expect(commands.filter((name) => !existsSync(join(root, 'node_modules', '.bin', name)))).toEqual([]);
  });

  test('leaves the token of the repository in no checkout', () => {
    const count = (pattern: RegExp): number => allOf(file, pattern).length;
    expect(count(/(persist-credentials: false)/gu)).toBe(count(/(actions\/checkout@)/gu));
  });
});
