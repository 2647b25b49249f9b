import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What packaging leaves behind; a folder without any of it was filled by somebody else. */
const OWN_TRACES: readonly RegExp[] = [
  /^builder-(?:debug|effective-config)\.ya?ml$/,
  /^(?:linux|win|mac)(?:-[a-z0-9]+)?-unpacked$/,
  /^mac-universal$/,
  /^lockstep(?:-cli|-desktop)?[-_]\d.*\.(?:AppImage|deb|rpm|tar\.gz|tgz|exe|zip|dmg)$/,
];

/**
 * Empties the folder that packages go into, but only one that an earlier packaging has filled: nobody's files go for a mistyped
 * option. Otherwise says why not.
 */
export function emptyOutput(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  if (!statSync(folder).isDirectory()) return `${folder} is a file, and a folder is wanted for the packages`;
  const names = readdirSync(folder);
  if (names.length === 0) return undefined;
  if (!names.some((name) => OWN_TRACES.some((trace) => trace.test(name))))
    return `${folder} holds other things than packages: name a folder that is new or empty`;
  for (const name of names) rmSync(join(folder, name), { recursive: true, force: true });
  return undefined;
}
