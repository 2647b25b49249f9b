import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config, ConfigInput } from '../../../shared/contract/config.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { CONFIG_FILE, editConfig, readConfig } from '../config/config-file.ts';
import { lockFile } from '../store/file-lock.ts';
import { type Identity, loadOrCreateIdentity } from '../link/identity.ts';
import type { Ports } from '../ports.ts';
import { AccountStore } from '../store/accounts.ts';
import { openStore, type Store } from '../store/open.ts';
import { Pauses } from '../store/pauses.ts';
import { PeerStore } from '../store/peers.ts';
import { dataFolderError } from '../tree/file-error.ts';
import { type Claimant, dataFolderOf } from '../claim/root-owner.ts';
import { isSameFolder } from '../tree/same-folder.ts';

export const STORE_FILE = 'lockstep.db';
const LOCK_FILE = 'engine.lock';

/** Whether a process has this install open, as far as this user may see. */
export async function isOpen(dataDir: string): Promise<boolean> {
  const path = join(dataDir, LOCK_FILE);
  if (!existsSync(path)) return false;
  try {
    const lock = await lockFile(path, 0);
    lock?.release();
    return lock === undefined;
  } catch {
    return false;
  }
}
/** Commands on an install at rest take a moment each, and wait for one another. */
const LOCK_PATIENCE_MILLIS = 5_000;

/** An install: its data folder, open. What a master and a mirror have in common. */
export class Node {
  readonly dataDir: string;
  readonly ports: Ports;
  readonly identity: Identity;
  readonly store: Store;
  readonly peers: PeerStore;
  readonly accounts: AccountStore;
  readonly pauses: Pauses;
  readonly #lock: { release(): void };
  #config: Config;

  private constructor(dataDir: string, ports: Ports, opened: Opened) {
    const { lock, config, identity, store } = opened;
    this.dataDir = dataDir;
    this.ports = ports;
    this.#lock = lock;
    this.identity = identity;
    this.store = store;
    this.peers = new PeerStore(store);
    this.accounts = new AccountStore(store);
    this.pauses = new Pauses(store);
    this.#config = config;
  }

  /**
   * One process at a time has an install open; others wait so long for it. Rejects `node.missing`, `node.running`, `node.twin`,
   * `node.denied`, `node.read-only`, `node.disk-full`, `node.io`, `node.too-many-files`, `config.invalid`, `store.*`.
   */
  static async open(ports: Ports, dataDir: string, patienceMillis = LOCK_PATIENCE_MILLIS): Promise<Node> {
    await readConfig(dataDir);
    const lock = await lockFile(join(dataDir, LOCK_FILE), patienceMillis).catch((error: unknown) => {
      throw ofDataFolder(error, dataDir);
    });
    if (!lock) throw new AppError('node.running', {});
    try {
      const config = await readConfig(dataDir);
      const identity = await loadOrCreateIdentity(join(dataDir, 'identity'));
      await refuseTwin(config, identity.id, dataDir);
      const store = await openStore(join(dataDir, STORE_FILE), () => ports.clock.now());
      return new Node(dataDir, ports, { lock, config, identity, store });
    } catch (error) {
      lock.release();
      throw ofDataFolder(error, dataDir);
    }
  }

  get config(): Config {
    return this.#config;
  }

  /** The file was changed by somebody else and is in force now. Throws `config.invalid` where it says another role. */
  adopt(config: Config): void {
    this.#config = this.#ofThisRole(config);
  }

  /** What somebody else has changed in the file is in force with it. Rejects as `adopt` throws. */
  async edit(change: (config: Config) => ConfigInput): Promise<Config> {
    this.#config = await editConfig(this.dataDir, (config) => change(this.#ofThisRole(config)));
    return this.#config;
  }

  #ofThisRole(config: Config): Config {
    const { role } = this.#config.node;
    if (config.node.role === role) return config;
    const file = join(this.dataDir, CONFIG_FILE);
    throw new AppError('config.invalid', { file, key: 'node.role', issue: 'one-of', values: role });
  }

  /** As what it claims folders for its sites. */
  get claimant(): Claimant {
    return {
      id: this.identity.id,
      name: this.#config.node.name,
      dataDir: resolve(this.dataDir),
      knows: (mark) => this.store.get('SELECT 1 FROM site WHERE mark = ?', mark) !== undefined,
    };
  }

  /** Throws `node.wrong-role` for what only the other role can do. */
  require(role: 'master' | 'mirror'): void {
    if (this.#config.node.role !== role)
      throw new AppError('node.wrong-role', { wanted: role, role: this.#config.node.role });
  }

  now(): number {
    return this.ports.clock.now();
  }

  close(): void {
    this.store.close();
    this.#lock.release();
  }
}

/**
 * This very install runs with another data folder on this machine, which was copied from this one, or it from that: whose folders they
 * are tells an install from others, and not from itself. Throws `node.twin`.
 */
async function refuseTwin({ sites, follows }: Config, id: string, dataDir: string): Promise<void> {
  for (const { root } of [...sites, ...follows]) {
    const other = notedFor(root, id);
    if (other !== undefined && !isSameFolder(other, dataDir) && (await isOpen(other)))
      throw new AppError('node.twin', { dataDir: other });
  }
}

/** Of a folder that cannot be looked into whoever opens the site says so. */
function notedFor(root: string, id: string): string | undefined {
  try {
    return dataFolderOf(root, id);
  } catch {
    return undefined;
  }
}

interface Opened {
  readonly lock: { release(): void };
  readonly config: Config;
  readonly identity: Identity;
  readonly store: Store;
}

const SQLITE_DENIED: readonly unknown[] = [8, 14];

/** Files that another user has made in the data folder, root above all, are told as that. */
function ofDataFolder(error: unknown, dataDir: string): unknown {
  // READONLY and CANTOPEN: SQLite has no more to say of a file that it may not write or open.
  const isKept = error instanceof Error && 'errcode' in error && SQLITE_DENIED.includes(error.errcode);
  return isKept ? new AppError('node.denied', { dataDir }, error) : dataFolderError(error, dataDir);
}
