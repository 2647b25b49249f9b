import { createHash } from 'node:crypto';
import { Process } from '../process.ts';
import type { Scheduler } from '../scheduler.ts';
import type { End, Network } from './network.ts';

/** What a simulated client of such a server and it say to each other: lines as they are spelt, and the data of a file between them. */
export type PlainMessage =
  | {
      readonly kind: 'line';
      readonly text: string;
      /** USER and PASS came before it. */
      readonly login?: { readonly user: string; readonly password: string };
    }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'dataEnd' }
  | { readonly kind: 'reply'; readonly code: number; readonly text: string; readonly entries?: readonly Entry[] };

export interface Entry {
  readonly name: string;
  /** Undefined: a folder. */
  readonly size: number | undefined;
  readonly mtime: number;
}

/** What a server can do, and whether it renames onto a file that is there. */
export interface Abilities {
  readonly features: readonly string[];
  readonly replaces: boolean;
}

interface StoredFile {
  content: Buffer;
  mtime: number;
}

const REPLY_BYTES = 40;

/** An FTP server that is no Lockstep: somebody's web space. Paths are absolute. It never fails, but its network does. */
export class PlainFtpServer {
  readonly host = '10.0.3.1';
  readonly files = new Map<string, StoredFile>();
  readonly folders = new Set(['']);
  readonly abilities: Abilities;
  /** A file has come, changed or gone. */
  onChange: (path: string) => void = () => undefined;
  readonly #scheduler: Scheduler;

  constructor(abilities: Abilities, network: Network, scheduler: Scheduler) {
    this.abilities = abilities;
    this.#scheduler = scheduler;
    const process = new Process('web space', this.host);
    scheduler.after(0, 'listen', () => void network.listen(this.host, 21, (end) => this.#accept(end)), process);
  }

  #accept(end: End): void {
    let restartAt = 0;
    let renamed = '';
    let storing: { readonly file: StoredFile | undefined; readonly path: string } | undefined;
    const reply = (code: number, text = '', entries?: readonly Entry[]): void =>
      end.send({ kind: 'reply', code, text, ...(entries && { entries }) } satisfies PlainMessage, REPLY_BYTES);
    end.onMessage = (given) => {
      const message = given as PlainMessage;
      if (message.kind === 'data' && storing?.file) {
        storing.file.content = Buffer.concat([storing.file.content, message.bytes]);
        this.#changed(storing.path);
      }
      if (message.kind === 'dataEnd') {
        reply(storing?.file ? 226 : 553);
        storing = undefined;
      }
      if (message.kind !== 'line') return;
      const [, verb = '', path = ''] = /^(\S+) ?(.*)$/su.exec(message.text) ?? [];
      if (verb === 'STOR') storing = { path, file: this.#store(path, restartAt) };
      else if (verb === 'RNTO') reply(this.#rename(renamed, path) ? 250 : 553);
      else if (verb === 'LIST') reply(this.folders.has(path) ? 226 : 550, '', this.#list(path));
      else reply(...this.#do(verb, path));
      if (verb === 'RNFR') renamed = path;
      restartAt = verb === 'REST' ? Number(path) : 0;
    };
  }

  #do(verb: string, argument: string): readonly [number, string?] {
    const isThere = this.files.has(argument) || this.folders.has(argument);
    switch (verb) {
      case 'FEAT':
        return [211, this.abilities.features.join('\n')];
      case 'CWD':
        return [this.folders.has(argument) ? 250 : 550];
      case 'SIZE':
        return this.files.has(argument) ? [213, String(this.files.get(argument)?.content.length)] : [550];
      case 'HASH': {
        const file = this.files.get(argument);
        return file ? [213, createHash('sha256').update(file.content).digest('hex')] : [550];
      }
      case 'MFMT': {
        const [, time = '', path = ''] = /^(\d{14}) (.*)$/su.exec(argument) ?? [];
        const file = this.files.get(path);
        if (file) file.mtime = Date.parse(time.replace(/(....)(..)(..)(..)(..)(..)/, '$1-$2-$3T$4:$5:$6Z'));
        return [file ? 213 : 550];
      }
      case 'DELE':
        if (!this.files.delete(argument)) return [550];
        this.#changed(argument);
        return [250];
      case 'MKD':
        if (isThere || !this.folders.has(folderOf(argument))) return [550];
        this.folders.add(argument);
        return [257];
      case 'RMD':
        if (this.#list(argument).length > 0) return [550];
        return [this.folders.delete(argument) ? 250 : 550];
      case 'RNFR':
        return [isThere ? 350 : 550];
      default:
        return [200];
    }
  }

  #store(path: string, restartAt: number): StoredFile | undefined {
    if (!this.folders.has(folderOf(path)) || this.folders.has(path)) return undefined;
    const before = this.files.get(path)?.content.subarray(0, restartAt) ?? Buffer.alloc(0);
    const file = { content: Buffer.from(before), mtime: this.#scheduler.wallClock() };
    this.files.set(path, file);
    this.#changed(path);
    return file;
  }

  #rename(from: string, to: string): boolean {
    const file = this.files.get(from);
    if (!file || this.folders.has(to) || !this.folders.has(folderOf(to))) return false;
    if (this.files.has(to) && !this.abilities.replaces) return false;
    this.files.delete(from);
    this.files.set(to, file);
    this.#changed(from);
    this.#changed(to);
    return true;
  }

  #list(folder: string): Entry[] {
    const files = [...this.files].map(([path, { content, mtime }]) => ({ path, size: content.length, mtime }));
    const folders = [...this.folders].map((path) => ({ path, size: undefined, mtime: 0 }));
    return [...files, ...folders].flatMap(({ path, ...entry }) =>
      path !== '' && folderOf(path) === folder ? [{ name: path.slice(folder.length + 1), ...entry }] : [],
    );
  }

  #changed(path: string): void {
    this.#scheduler.note(`the web space has ${this.files.get(path)?.content.length ?? 'nothing'} at ${path}`);
    this.onChange(path);
  }
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
