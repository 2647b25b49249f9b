import { X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fingerprint, name } from '../../../shared/contract/primitives.ts';
import { RESERVED_FOLDER } from '../../../shared/domain/site-path.ts';
import type { ErrorParams } from '../../../shared/errors/app-error.ts';
import { unwrap } from '../../../shared/errors/result.ts';
import { parseJson } from '../../../shared/contract/parse-json.ts';
import { CONFIG_FILE } from '../config/config-file.ts';
import { CONFIG_BYTES_MAX, parseConfig } from '../config/parse-config.ts';
import { fingerprintOf } from '../link/identity.ts';
import { fileError, isNowhere, systemCode } from '../tree/file-error.ts';
import { thisMachine } from './machine.ts';
import { readMark } from '../tree/read-mark.ts';
import { readSmall } from '../tree/read-small.ts';
import { isSameFolder } from '../tree/same-folder.ts';

export const OWNER_FILE = 'owner.json';
const OWNER_BYTES_MAX = 32 * 1024;
const CERTIFICATE_BYTES_MAX = 64 * 1024;
/** Longer than any pairing takes, from the claim of the folder to the config that names it. */
const FRESH_MILLIS = 5 * 60_000;
const folderName = z.string().min(1).max(4096);

/** Whose the root of a site is: stands in its reserved folder, beside the mark. */
const owner = z.object({
  /** Of the install. */
  id: fingerprint,
  name,
  site: name,
  root: folderName,
  dataDir: folderName,
  host: z.string().max(255),
  /** See `thisMachine`. */
  machine: z.string().max(64),
});
type Owner = z.output<typeof owner>;

/** The install that wants a folder for one of its sites. */
export interface Claimant {
  readonly id: string;
  readonly name: string;
  readonly dataDir: string;
  /** Its database knows the mark: it is of the time before owners were noted. */
  readonly knows: (mark: string) => boolean;
}

/**
 * `ours`; `free`: nobody's, or of one that has given it up or is gone; `doubt`: of another install, of which nobody can say from here
 * whether it still is; `used`: an install of this machine publishes it, or follows into it. `text`: what was read, where there is an owner.
 */
export type Standing =
  | { readonly is: 'ours' | 'free'; readonly text: string | undefined }
  | { readonly is: 'doubt' | 'used'; readonly text: string | undefined; readonly whose: ErrorParams };

export function ownerText({ id, name: own, dataDir }: Claimant, site: string, root: string): string {
  const { host, id: machine } = thisMachine();
  const value: Owner = { id, name: own, site, root, dataDir, host: host.slice(0, 255), machine };
  return `${JSON.stringify(value)}\n`;
}

/** How a folder stands to an install. Rejects what the system says of one that cannot be looked into. */
export async function judgeOwner(folder: string, claimant: Claimant | undefined): Promise<Standing> {
  const text = readOwner(folder);
  if (text === undefined) {
    const mark = readMark(folder);
    if (mark === undefined) return { is: 'free', text };
    return claimant?.knows(mark) ? { is: 'ours', text } : { is: 'doubt', text, whose: {} };
  }
  const known = parseOwner(text);
  if (!known) return { is: 'doubt', text, whose: {} };
  if (known.id === claimant?.id) return { is: 'ours', text };
  const { name: theirs, site, dataDir, host } = known;
  if (known.machine !== thisMachine().id) return { is: 'doubt', text, whose: { name: theirs, site, host } };
  const whose = { name: theirs, site, dataDir };
  const roots = rootsOf(known);
  if (roots === 'hidden') return { is: 'doubt', text, whose };
  if (roots === 'gone') return { is: 'free', text };
  if (roots.some((root) => isSameFolder(root, folder))) return { is: 'used', text, whose };
  // It names its folder at a place where there is none: this may be it, moved away for a while.
  if (roots.includes(known.root) && !isThere(known.root)) return { is: 'doubt', text, whose };
  // Its pairing may be under way: its config names the folder only after that.
  if (isSameFolder(known.root, folder) && isFresh(folder)) return { is: 'doubt', text, whose };
  return { is: 'free', text };
}

/** Undefined where nobody has noted that the folder is theirs. */
export function readOwner(folder: string, file = OWNER_FILE): string | undefined {
  const path = join(folder, RESERVED_FOLDER, file);
  try {
    // Nothing that Lockstep has written is larger, or no file: it says nothing that can be understood.
    return readSmall(path, OWNER_BYTES_MAX, 'refused')?.toString('utf8') ?? '';
  } catch (error) {
    if (isNowhere(error)) return undefined;
    // A link, or a socket.
    if (NO_FILE.has(systemCode(error) ?? '')) return '';
    throw fileError(error, RESERVED_FOLDER);
  }
}

const NO_FILE: ReadonlySet<string> = new Set(['ELOOP', 'EMLINK', 'ENXIO']);

/** Undefined where it says nothing that can be understood. */
export function parseOwner(text: string): Owner | undefined {
  return owner.safeParse(parseJson(text)).data;
}

/** The data folder of this machine that a folder was noted for by the install `id`. Throws what the system says of a folder that cannot be looked into. */
export function dataFolderOf(folder: string, id: string): string | undefined {
  const known = parseOwner(readOwner(folder) ?? '');
  return known?.id === id && known.machine === thisMachine().id ? known.dataDir : undefined;
}

/**
 * The folders that an install of this machine has by its config. `gone`: it is not there any more, or another one is in its place;
 * `hidden`: that cannot be seen from here.
 */
function rootsOf({ id, dataDir }: Owner): readonly string[] | 'gone' | 'hidden' {
  if (ON_THE_NETWORK.test(dataDir)) return 'hidden';
  try {
    const certificate = readSmall(join(dataDir, 'identity', 'cert.pem'), CERTIFICATE_BYTES_MAX, 'followed');
    if (!certificate) return 'hidden';
    if (fingerprintOf(new X509Certificate(certificate).raw) !== id) return 'gone';
    const file = join(dataDir, CONFIG_FILE);
    const text = readSmall(file, CONFIG_BYTES_MAX, 'followed');
    if (!text) return 'hidden';
    const { sites, follows } = unwrap(parseConfig(text.toString('utf8'), file));
    return [...sites, ...follows].map(({ root }) => root);
  } catch (error) {
    return isNowhere(error) ? 'gone' : 'hidden';
  }
}

/** A note in a folder may be anybody's who publishes there: Windows would log in, as the user who runs this, at a machine that it names. */
const ON_THE_NETWORK = /^[\\/]{2}/;

function isFresh(folder: string): boolean {
  const info = statSync(join(folder, RESERVED_FOLDER, OWNER_FILE), { throwIfNoEntry: false });
  return info !== undefined && Math.abs(Date.now() - info.mtimeMs) < FRESH_MILLIS;
}

function isThere(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false }) !== undefined;
}
