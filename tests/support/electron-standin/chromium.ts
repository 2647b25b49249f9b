import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from '../../../build/chromium.mjs';

/** Headless, on a profile of its own, silent on the network. */
export const quietSwitches: readonly string[] = [
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  '--disable-quic',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-popup-blocking',
  '--password-store=basic',
  '--force-color-profile=srgb',
  '--disable-features=PaintHolding,Translate,MediaRouter,OptimizationHints',
];

const HELPERS_END_MILLIS = 150;

export interface Chromium {
  /** Of its DevTools. */
  readonly url: string;
  /** Ends it at once and removes its profile. */
  stop(): void;
}

export async function startChromium(): Promise<Chromium> {
  const executable = findChromium();
  if (executable === undefined) throw new Error('the stand-in for Electron needs a Chromium');
  const profile = mkdtempSync(join(tmpdir(), 'lockstep-standin-'));
  const args = ['--headless=new', '--remote-debugging-port=0', '--no-startup-window', `--user-data-dir=${profile}`];
  // Chromium refuses to run its sandbox as root.
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  const child = spawn(executable, [...args, ...quietSwitches], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stopped = false;
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    child.kill('SIGKILL');
    // Its helpers notice a moment later, and write into the profile until then. This runs while the process exits: no promises.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HELPERS_END_MILLIS);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', stop);
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const found = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`${executable} ended:\n${output}`)));
  });
  return { url, stop };
}
