import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { newMaster } from '../support/commands.ts';

const isLinux = process.platform === 'linux';
if (!isLinux) process.stderr.write('skipped: elsewhere a process may open more files than a test can\n');

const SCRIPT = `
const [{ closeSync, openSync }, { Node }, { quietPorts }] = await Promise.all(
  ['node:fs', './electron/engine/install/node.ts', './electron/entry/cli/ports.ts'].map((each) =>
    import(each.startsWith('.') ? new URL(each, process.argv[1]).href : each)),
);
const [, , dataDir, left] = process.argv;
const open = () => Node.open(quietPorts(dataDir), dataDir).then((node) => (node.close(), 'open'), ({ code }) => code);
const before = await open();
const opened = [];
try { for (;;) opened.push(openSync('/dev/null')); } catch {}
for (const fd of opened.splice(0, Number(left))) closeSync(fd);
console.log(JSON.stringify([before, await open()]));
`;

test.runIf(isLinux)('too many files that are open at a start are told as that', async () => {
  const { dataDir } = await newMaster();
  const codes = [0, 1, 30].map((left) => {
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', 'ulimit -n 120; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', SCRIPT, '--'].concat([
        `${new URL('../../', import.meta.url)}`,
        dataDir,
        String(left),
      ]),
      { encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    const [before, then]: unknown[] = JSON.parse(stdout);
    expect(before).toBe('open');
    return then;
  });
  expect(codes).toEqual(['node.too-many-files', 'node.too-many-files', 'open']);
});
