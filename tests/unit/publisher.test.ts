import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publisher } from '../../build/package/publisher.ts';

const root = join(import.meta.dirname, '..', '..');

test('who publishes it stands in one place, and in package.json as there', () => {
  const { homepage, author } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  expect({ homepage, author }).toEqual({ homepage: publisher.homepage, author: publisher.name });
  const sources = ['{electron,shared,renderer,build}/**/*', '.github/**/*', '*.md', 'docs/**/*.md'];
  const placeholder = /lockstep\.example|example\.lockstep|The Lockstep founders/u;
  const named = sources
    .flatMap((glob) => globSync(glob, { cwd: root, exclude: ['**/node_modules/**'] }))
    .filter((file) => /\.(?:ts|tsx|mjs|json|sh|service|html|yml|md|plist)$/u.test(file))
    .filter((file) => placeholder.test(readFileSync(join(root, file), 'utf8')));
  // The app cannot read the build's own file: its id stands there a second time, held together by package.test.ts.
  expect(named.toSorted()).toEqual([join('build', 'package', 'publisher.ts'), join('electron', 'main', 'app-id.ts')]);
});
