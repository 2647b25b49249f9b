import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
// Comes with Electron, as do the checksums.
import { downloadArtifact } from '@electron/get';
import { root } from '../run.ts';

const electronVersion = manifest('electron').version;

/**
 * The Electron binary for a system as a zip, from the cache or the net, checked against the checksums that its package holds.
 * Rejects where neither has it.
 */
export function fetchElectron(platform: NodeJS.Platform, arch: string): Promise<string> {
  const checksums = JSON.parse(readFileSync(join(root, 'node_modules/electron/checksums.json'), 'utf8')) as never;
  return downloadArtifact({ version: electronVersion, artifactName: 'electron', platform, arch, checksums });
}

/** What the fuses are found by, their version, their number, and how Electron ships them: '0' off, '1' on. */
const FUSES = `dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001\u000810111001`;

/**
 * A folder that electron-builder takes for the Electron binary: to look at packages where the real one cannot be had. What is
 * packed with it says so when it is started. Resolves the folder.
 */
export function makeStandIn(): string {
  const folder = join(root, '.cache', 'electron-stand-in');
  rmSync(folder, { recursive: true, force: true });
  for (const part of ['resources', 'locales']) mkdirSync(join(folder, part), { recursive: true });
  const script = [
    '#!/bin/sh',
    'echo "This package was made with a stand-in for the Electron binary, to look at it. It opens no window." >&2',
    'exit 1',
    `: ${FUSES}`,
    '',
  ].join('\n');
  writeFileSync(join(folder, 'electron'), script);
  chmodSync(join(folder, 'electron'), 0o755);
  writeFileSync(join(folder, 'version'), electronVersion);
  for (const language of ['en-US', 'ja', 'de']) writeFileSync(join(folder, 'locales', `${language}.pak`), '');
  return folder;
}

function manifest(name: string): { version: string } {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string };
}
