import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build as buildElectron } from 'electron-vite';
import { build as buildVite } from 'vite';
import { sources, stampBuild } from './built.ts';
import { cli } from './cli.vite.config.ts';
import { out, root, run, seconds } from './run.ts';

/** main, preload, the engine process, the interface and the command line, into out/. */
const started = performance.now();
try {
  await build();
  console.log(`built out/ (${seconds(performance.now() - started)})`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error('build failed');
  process.exitCode = 1;
}

async function build(): Promise<void> {
  const from = sources();
  rmSync(out, { recursive: true, force: true });
  await buildElectron({ root, configFile: join(root, 'build', 'electron.vite.config.ts'), logLevel: 'warn' });
  await buildVite({ ...cli, logLevel: 'warn' });
  await smoke();
  stampBuild(from);
}

/** A bundle can build and still not load: the command line must answer from where there is no node_modules. */
async function smoke(): Promise<void> {
  const elsewhere = mkdtempSync(join(tmpdir(), 'lockstep-build-'));
  try {
    const file = join(elsewhere, 'lockstep.mjs');
    copyFileSync(join(out, 'cli', 'lockstep.mjs'), file);
    const { code, output } = await run(process.execPath, [file, '--help'], 'capture');
    if (code !== 0) throw new Error(`lockstep.mjs --help failed (${code}):\n${output}`);
    // An older Node must come as far as to say which one is needed.
    const missing = /^import .*['"](?:node:)?sqlite['"]/mu.exec(readFileSync(file, 'utf8'));
    if (missing) throw new Error(`lockstep.mjs imports what Node 20 does not have: ${missing[0]}`);
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
}
