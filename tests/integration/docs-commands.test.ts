import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { commands } from '../../electron/entry/cli/commands.ts';
import { parseCommandLine } from '../../electron/entry/cli/parse.ts';
import { makeDocMachines } from '../support/doc-machines.ts';
import { type DocBlock, isShownOutput, readDocPage } from '../support/doc-page.ts';

/*
 * Every command in the docs is run as a reader would: the shell blocks of a page in order, in homes that know nothing. What README tells
 * is run by the built command line, a process each; on the other pages only `lockstep run` is one, which takes a third of the time. How a block says what it is stands in tests/support/doc-page.ts; what cannot be run says why in the output.
 */

const root = join(import.meta.dirname, '..', '..');
const files = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: root })].sort();
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
/** A page has dozens of processes, and waits for some of them; beside other tests each takes its time. */
const PAGE_MILLIS = 900_000;
const isPosix = process.platform !== 'win32';
if (!isPosix) process.stderr.write('The commands of the docs are for a POSIX shell: they are not run on Windows\n');

describe.runIf(isPosix)('what a page tells to type works', () => {
  test.each(files)('%s', { timeout: PAGE_MILLIS }, async (file) => {
    const page = readDocPage(read(file));
    const missing = missingOf(page.needs);
    if (missing.length > 0) return leaveOut(file, `${missing.join(', ')} is not installed`);
    const machines = await makeDocMachines(file === 'README.md' ? 'installed' : 'shared');
    for (const block of page.blocks) {
      if (block.kind === 'shown') continue;
      const place = `${file}:${block.line}`;
      const reason = whyLeftOut(block);
      if (reason !== undefined) leaveOut(place, reason);
      else if (block.kind === 'run') {
        const { code, output } = await machines.run(block.machine, block.script);
        expect(code, `${place}\n${block.script}\nprinted:\n${output}`).toBe(0);
        const { expected } = block;
        if (expected !== undefined && !isShownOutput(expected, output))
          expect(output, `${place} shows something else`).toBe(expected);
      }
    }
  });
});

/** Commands within a sentence: they need no install to be found wrong. */
describe('what a sentence tells to type', () => {
  test.each(files)('of %s is a command line', (file) => {
    const wrong = [...read(file).matchAll(/`lockstep ([a-z][^`]*)`/gu)]
      .map(([, line = '']) => line.replaceAll(/\s+/gu, ' '))
      .filter((line) => !/[…|[]|^lockstep$/u.test(line) && !isFamily(line))
      .filter((line) => parseCommandLine(wordsOf(line), commands).kind === 'wrong');
    expect(wrong).toEqual([]);
  });

  test.each(files)('of %s is a script of package.json, where it begins with npm run', (file) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(file).matchAll(/npm run (?:-s )?([a-z][a-z-]*(?::[a-z-]+)?)/gu)].map(
      ([, name = '']) => name,
    );
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

/** A command that is named without what it needs: `lockstep link add`. */
function isFamily(line: string): boolean {
  return commands.some(({ words }) => words.join(' ') === line || words[0] === line);
}

/** As a shell would part them, as far as the pages need it. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/gu)].map(([, a, b, c]) => a ?? b ?? c ?? '');
}

function missingOf(programs: readonly string[]): string[] {
  return programs.filter((program) => spawnSync('which', [program], { stdio: 'ignore' }).status !== 0);
}

function whyLeftOut(block: DocBlock): string | undefined {
  if (block.kind === 'left-out') return block.reason;
  const absent = block.kind === 'run' ? missingOf(block.needs) : [];
  return absent.length > 0 ? `${absent.join(', ')} is not installed` : undefined;
}

function leaveOut(place: string, reason: string): void {
  process.stderr.write(`${place} is not run: ${reason}\n`);
}
