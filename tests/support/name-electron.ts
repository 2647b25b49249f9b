import { electronExecutable } from './electron-executable.ts';

/** Playwright's global set-up: says on what the tests run. */
export default function nameElectron(): void {
  const { kind, path } = electronExecutable();
  const what =
    kind === 'real' ? `the real Electron (${path})` : 'the stand-in for Electron (Node and the system’s Chromium)';
  console.log(`End-to-end tests run on ${what}.`);
}
