import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MODULE = pathToFileURL(join(import.meta.dirname, '..', 'support', 'run-folder.ts')).href;

/** A process that uses a run's folder below `parent`, leaves a file there, and then does `last`. */
async function run(parent: string, last: string): Promise<{ folder: string; signal: string | null }> {
  const script = `
    import { mkdtempSync, writeFileSync } from 'node:fs';
    import { tmpdir } from 'node:os';
    import { join } from 'node:path';
    const { useRunFolder } = await import(${JSON.stringify(MODULE)});
    const end = useRunFolder();
    writeFileSync(join(mkdtempSync(join(tmpdir(), 'left-')), 'file'), 'left');
    process.stdout.write(tmpdir());
    ${last}`;
  const env = { ...process.env, TMPDIR: parent, TMP: parent, TEMP: parent };
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '--eval', script];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let folder = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (folder += text));
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { folder, signal };
}

test('what a run has left goes with it, however it ends, and what one that was killed has left with the next one', async () => {
  const parent = await temporaryFolder();
  await run(parent, 'end();');
  expect(readdirSync(parent)).toEqual([]);
  await run(parent, 'process.exit(1);');
  expect(readdirSync(parent)).toEqual([]);

  const killed = await run(parent, `process.kill(process.pid, 'SIGKILL');`);
  expect(readdirSync(parent)).toEqual([basename(killed.folder)]);
  const ofOneThatRuns = join(parent, `lockstep-run-${process.pid}-abcdef`);
  mkdirSync(ofOneThatRuns);
  writeFileSync(join(ofOneThatRuns, 'file'), 'in use');
  await run(parent, '');
  expect(readdirSync(parent)).toEqual([basename(ofOneThatRuns)]);
});

test('all tests have their temporary folders in that of their run', () => {
  expect(basename(tmpdir())).toMatch(/^lockstep-run-\d+-/);
  expect(existsSync(tmpdir())).toBe(true);
});
