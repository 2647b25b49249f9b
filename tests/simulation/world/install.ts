import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CallName, CallParams, CallResult } from '../../../shared/contract/calls.ts';
import type { Hook } from '../../../shared/contract/hooks.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { readBackup, writeBackup } from '../../../electron/engine/install/backup.ts';
import { openAtRest } from '../../../electron/engine/at-rest.ts';
import { createEngine, type Engine } from '../../../electron/engine/engine.ts';
import { STORE_FILE } from '../../../electron/engine/install/node.ts';
import { editConfig, readConfig } from '../../../electron/engine/config/config-file.ts';
import { initNode } from '../../../electron/engine/install/init-node.ts';
import type { Logger, Ports } from '../../../electron/engine/ports.ts';
import { putBackDatabase, readDatabase } from '../disk/node-sqlite.ts';
import type { NameRules, NoRoom, Refusal } from '../disk/volume.ts';
import { countSpelling } from '../oracle/tree.ts';
import { Process } from '../process.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Machines, RoomTrouble } from './machines.ts';
import { noSecrets } from '../../support/no-secrets.ts';

export const FTP_PORT = 2121;
export const LINK_PORT = 2122;
const RESTART_MILLIS = 1_000;

/** What an install was: a file of `lockstep backup`, or a copy of its database that was made while it was stopped. */
export type Backup =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'copy'; readonly database: Buffer };

/** An install on a machine of its own: its data folder, and the engine, while it runs. */
export class Install {
  readonly name: string;
  readonly host: string;
  readonly role: 'master' | 'mirror';
  /** What is on its disk is below. */
  readonly machine: string;
  readonly dataDir: string;
  readonly root: string;
  readonly #machines: Machines;
  readonly #scheduler: Scheduler;
  readonly #onBug: (error: unknown) => void;
  process: Process | undefined;
  engine: Engine | undefined;
  clockAhead = 0;
  starts = 0;
  /** Its database is about to be an older one, by `work`. */
  onPutBack: (work: () => void) => void = (work) => work();
  /** Of the machine; undefined: it has no power. */
  #bootedAt: number | undefined;
  #backups = 0;
  /** A person is about to put it back, as often as it takes. */
  #toPutBack: Backup | undefined;

  constructor(
    own: { name: string; host: string; role: 'master' | 'mirror'; folder: string; disk: NameRules },
    machines: Machines,
    scheduler: Scheduler,
    onBug: (error: unknown) => void,
  ) {
    this.name = own.name;
    this.host = own.host;
    this.role = own.role;
    this.machine = join(own.folder, own.name);
    // The identity goes by the name of the folder that it is in.
    this.dataDir = join(this.machine, own.name);
    this.root = join(this.machine, 'site');
    machines.mount(this.machine, own.disk);
    if (own.disk.caseInsensitive) countSpelling(this.root);
    mkdirSync(this.root);
    this.#machines = machines;
    this.#scheduler = scheduler;
    this.#onBug = onBug;
  }

  /** Paths whose deletes a person is asked about. */
  held(): string[] {
    const database = new DatabaseSync(join(this.dataDir, STORE_FILE), { readOnly: true });
    const rows = database.prepare("SELECT path FROM want WHERE state = 'held'").all();
    database.close();
    return rows.map((row) => String(row['path']));
  }

  get isUp(): boolean {
    return this.engine !== undefined;
  }

  /** Makes it: before its first start. `hook`: a program is told that. */
  init(hook?: Hook['on']): Promise<unknown> {
    const link = { host: this.host, port: LINK_PORT };
    const ftp = { host: this.host, port: FTP_PORT };
    return this.#inProcess(async () => {
      await initNode(this.dataDir, {
        role: this.role,
        name: this.name,
        console: { host: this.host, port: 1 },
        ...(this.role === 'master' && { ftp, link }),
      });
      if (!hook) return;
      const hooks = [{ on: hook, command: ['program'], site: 'www' }];
      await editConfig(this.dataDir, (config) => ({ ...config, hooks }));
    });
  }

  start(): Promise<void> {
    this.starts += 1;
    const { clockAhead } = this;
    const process = this.#begin();
    process.clockAhead = clockAhead;
    this.#scheduler.note(`${this.name} starts`);
    return this.#inProcess(async () => {
      const ports = {
        clock: { now: () => this.#scheduler.wallClock(process) },
        logger: createLogger(this.name, this.#scheduler, this.#onBug),
        secrets: noSecrets,
      };
      try {
        if (this.#toPutBack) await this.#restore(this.#toPutBack, ports);
        if (process.ended) return;
        const engine = await createEngine(ports, this.dataDir);
        if (process.ended) return;
        this.engine = engine;
        this.#scheduler.note(`${this.name} is up`);
      } catch (error) {
        // As whatever supervises a process would: it is started again.
        if (!(error instanceof AppError)) return this.#onBug(error);
        this.#scheduler.note(`${this.name} does not start: ${error.code} ${JSON.stringify(error.params)}`);
        this.kill('crash');
        this.#scheduler.after(RESTART_MILLIS, 'start again', () => void this.start(), null);
      }
    });
  }

  /** The process is gone, from one step to the next. */
  kill(by: 'crash' | 'power'): void {
    this.engine = undefined;
    const { process } = this;
    this.process = undefined;
    this.#scheduler.note(`${this.name} ends: ${by}`);
    if (by === 'power') this.#bootedAt = undefined;
    process?.end(by);
    if (process) this.#machines.ended(this.machine, by);
  }

  async stop(): Promise<void> {
    const { engine } = this;
    this.engine = undefined;
    await this.#inProcess(async () => engine?.stop());
    this.kill('crash');
  }

  /** A call of a person at this install. Never settles where the process ends meanwhile. */
  call<N extends CallName>(name: N, params: CallParams<N>): Promise<CallResult<N>> {
    return this.#inProcess(() => {
      if (this.engine === undefined) throw new AppError('node.not-running');
      return this.engine.call(name, params);
    });
  }

  fillDisk(how: { readonly databases: boolean }): void {
    this.#machines.fill(this.machine, how);
  }

  emptyDisk(): void {
    this.#machines.empty(this.machine);
  }

  /** A folder (absolute) that Lockstep may not change any more; undefined: it may change all of them. */
  seal(folder: string | undefined): void {
    this.#machines.seal(this.machine, folder);
  }

  /** So many of its calls that open something find no descriptor. */
  lackDescriptors(share: number): void {
    this.#machines.lackDescriptors(this.machine, share);
  }

  /** So many of its calls that take room find none. */
  lackRoom(share: number, how: RoomTrouble): void {
    this.#machines.lackRoom(this.machine, share, how);
  }

  /** What makes a name, and may be what removes one, finds no room now. */
  get lacksRoom(): boolean {
    return this.#machines.lacksRoom(this.machine);
  }

  /** From now on Lockstep cannot do this with what stands at a path of the site. Returns how to let it. */
  refuse(path: string, refusal: Refusal): () => void {
    return this.#machines.refuse(join(this.root, path), refusal);
  }

  /** What is in its database, while it does not run. */
  saveDatabase(): Buffer {
    return readDatabase(this.#machines.disk, join(this.dataDir, STORE_FILE));
  }

  putBack(database: Buffer): void {
    putBackDatabase(this.#machines.disk, join(this.dataDir, STORE_FILE), database);
  }

  /** While it runs. */
  async backUp(): Promise<Backup> {
    const file = join(this.machine, `backup-${(this.#backups += 1)}.db`);
    await this.#inProcess(() => writeBackup(this.dataDir, file));
    return { kind: 'file', file };
  }

  /** Before it starts the next time. The folders of its sites are what they are. */
  putBackLater(backup: Backup): void {
    this.#toPutBack = backup;
  }

  /** As `lockstep restore` does, or somebody who has a copy. */
  async #restore(backup: Backup, ports: Ports): Promise<void> {
    if (backup.kind === 'copy') {
      this.onPutBack(() => this.putBack(backup.database));
      this.#toPutBack = undefined;
      return;
    }
    rmSync(this.dataDir, { recursive: true, force: true });
    await readBackup(backup.file, this.dataDir);
    this.onPutBack(() => undefined);
    const atRest = await openAtRest(ports, this.dataDir);
    try {
      for (const { name } of (await readConfig(this.dataDir)).sites)
        await atRest.call('site.rescan', { name, allowDeletes: false }).catch((error: unknown) => {
          // A person is asked first; the master will not tell its mirrors before.
          if (!(error instanceof AppError)) throw error;
          this.#scheduler.note(`${this.name} does not read ${name}: ${error.code}`);
        });
    } finally {
      await atRest.close();
    }
    this.#toPutBack = undefined;
  }

  /** From now on so many of its flushes fail, with that. */
  failFlushes(share: number, code: 'EIO' | NoRoom = 'EIO'): void {
    this.#machines.failFlushes(this.machine, share, code);
  }

  jumpClock(millis: number): void {
    this.clockAhead = millis;
    if (this.process) this.process.clockAhead = millis;
  }

  #begin(): Process {
    const process = new Process(`${this.name}#${this.starts}`, this.host);
    process.bootedAt = this.#bootedAt ??= this.#scheduler.now;
    return (this.process = process);
  }

  #inProcess<T>(work: () => Promise<T>): Promise<T> {
    const process = this.process ?? this.#begin();
    return new Promise((resolve, reject) => {
      this.#scheduler.after(0, 'call', () => void work().then(resolve, reject), process);
    });
  }
}

/** What the engine logs stands among the last events. A fatal line is a bug. */
function createLogger(name: string, scheduler: Scheduler, onBug: (error: unknown) => void): Logger {
  const write = (level: string) => (first: unknown, second?: unknown) => {
    const text = [first, second].find((each) => typeof each === 'string') ?? '';
    const values = typeof first === 'object' ? (first as Record<string, unknown>) : {};
    const error = values['err'];
    const shown = error instanceof Error ? { ...values, err: `${error.name}: ${error.message}` } : values;
    if (level === 'fatal') onBug(error ?? new Error(text));
    scheduler.note(`${name} ${level}: ${text} ${JSON.stringify(shown)}`);
  };
  const silent = (): void => undefined;
  const logger = {
    trace: silent,
    debug: silent,
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
    child: () => logger,
  };
  return logger as unknown as Logger;
}
