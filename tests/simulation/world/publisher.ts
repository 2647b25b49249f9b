import { createHash } from 'node:crypto';
import type { FtpCommand } from '../network/ftp-protocol.ts';
import type { Network } from '../network/network.ts';
import { PUBLISHER } from '../oracle/journal-model.ts';
import type { Asked } from '../oracle/promises.ts';
import { Process } from '../process.ts';
import type { SeededRandom } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import { FtpSession, Lost, type Reply, sleep } from './client.ts';
import type { Install } from './install.ts';
import { accented, respelled } from './spellings.ts';

/** What a publisher does, by weight. */
export type Doing =
  | 'put'
  | 'page'
  | 'delete'
  | 'makeDir'
  | 'removeDir'
  | 'rename'
  | 'renameDir'
  | 'touch'
  | 'break'
  | 'release';
export type Habits = Readonly<Partial<Record<Doing, number>>>;

export interface PublisherWorld {
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly master: Install;
  readonly onAsk: (command: FtpCommand, sha256?: string) => Asked;
  readonly onReply: (asked: Asked, reply: Reply) => void;
  readonly onLost: (asked: Asked) => void;
  /** Names are spelled in two ways, as it says. */
  readonly spelling?: SeededRandom;
  /** Some names have accents. */
  readonly accents: boolean;
}

const FOLDERS = ['', 'a', 'b', 'a/x', 'a/y', 'b/z', 'c'];
const FIRST_FOLDERS = ['a', 'b', 'c', 'a/x', 'a/y', 'b/z'];
const NAMES = ['one.txt', 'two.txt', 'three.css', 'four.jpg', 'five.js'];
const PAGES = ['index.html', 'a/index.html', 'b/page.html', 'c/page.html', 'news.html'];

/** Somebody who changes a site by FTP, with all that goes wrong for such people. */
export class Publisher {
  readonly #world: PublisherWorld;
  readonly #random: SeededRandom;
  readonly #habits: Habits;
  readonly #process: Process;
  #session: FtpSession | undefined;
  #made = 0;
  #stopped = false;
  done = 0;

  constructor(name: string, host: string, habits: Habits, random: SeededRandom, world: PublisherWorld) {
    this.#world = world;
    this.#random = random;
    this.#habits = habits;
    this.#process = new Process(name, host);
  }

  start(): void {
    this.#world.scheduler.after(
      0,
      'publisher',
      () => {
        void this.#live().catch((error: unknown) => this.#world.scheduler.fail(error));
      },
      this.#process,
    );
  }

  stop(): void {
    this.#stopped = true;
  }

  async #live(): Promise<void> {
    const { scheduler } = this.#world;
    while (!this.#stopped) {
      // People come in bursts: a deployment, then nothing for a while.
      await sleep(
        scheduler,
        this.#random.chance(0.04) ? this.#random.between(500, 8_000) : this.#random.between(0, 60),
      );
      if (this.#stopped) return this.#session?.close();
      try {
        this.#session ??= await FtpSession.open(this.#world.master.host, PUBLISHER, this.#world);
        await this.#doSomething(this.#session);
        this.done += 1;
        if (this.#random.chance(0.05)) this.#hangUp();
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
        this.#session = undefined;
        await sleep(scheduler, this.#random.between(100, 3_000));
      }
    }
  }

  #hangUp(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  async #doSomething(session: FtpSession): Promise<void> {
    const doing = this.#random.weighted<Doing>(this.#habits);
    if (doing === 'release') return this.#release(session);
    if (doing === 'break') return this.#breakOff(session);
    // Where there are no folders nearly all is refused.
    if (this.done < FIRST_FOLDERS.length)
      await this.#ask(session, { do: 'makeDir', path: FIRST_FOLDERS[this.done] ?? '' });
    await this.#change(session, doing);
  }

  async #change(session: FtpSession, doing: Exclude<Doing, 'release' | 'break'>): Promise<void> {
    const random = this.#random;
    switch (doing) {
      case 'put':
        return this.#put(session, this.#somePath(), this.#content());
      case 'page':
        return this.#put(session, random.pick(PAGES), this.#page());
      case 'delete':
        return this.#ask(session, { do: 'delete', path: this.#somePath() });
      case 'makeDir':
        return this.#ask(session, { do: 'makeDir', path: this.#someFolder() });
      case 'removeDir':
        return this.#ask(session, { do: 'removeDir', path: this.#someFolder() });
      case 'rename':
        return this.#ask(session, { do: 'rename', from: this.#somePath(), path: this.#somePath() });
      case 'renameDir':
        return this.#ask(session, { do: 'rename', from: this.#someFolder(), path: this.#someFolder() });
      case 'touch': {
        const mtime = this.#world.scheduler.wallClock() - random.below(10_000_000);
        return this.#ask(session, { do: 'touch', path: this.#somePath(), mtime });
      }
    }
  }

  async #release(session: FtpSession): Promise<void> {
    const random = this.#random;
    const { code } = await session.ask({ do: 'begin', title: `release ${(this.#made += 1)}` });
    if (code >= 300) return;
    const weights: Partial<Record<Exclude<Doing, 'release' | 'break'>, number>> = { ...this.#habits, put: 6, page: 3 };
    delete (weights as Record<string, number>)['release'];
    delete (weights as Record<string, number>)['break'];
    for (let left = 1 + random.below(8); left > 0; left -= 1) {
      await this.#change(session, random.weighted(weights));
      await sleep(this.#world.scheduler, random.between(0, 100));
    }
    if (random.chance(0.1)) return void (await session.ask({ do: 'abort' }));
    if (random.chance(0.1)) return this.#hangUp();
    const together = random.chance(0.3) ? { together: { limit: 5_000 + random.below(30_000) } } : {};
    await this.#ask(session, { do: 'commit', ...together });
    // A commit that was refused leaves the release open.
    await session.ask({ do: 'abort' });
  }

  /** Sends a part, is gone, and comes back for the rest, or does not. */
  async #breakOff(session: FtpSession): Promise<void> {
    const path = this.#somePath();
    const content = this.#content();
    const part = content.subarray(0, this.#random.below(content.length));
    session.breakOff({ do: 'store', path, size: content.length }, part);
    this.#session = undefined;
    if (this.#random.chance(0.4)) return;
    await sleep(this.#world.scheduler, this.#random.between(50, 2_000));
    const next = (this.#session = await FtpSession.open(this.#world.master.host, PUBLISHER, this.#world));
    const { size = 0 } = await next.ask({ do: 'size', path });
    // What is there may be the part of another session's upload: the hash says what came of it.
    const restartAt = Math.min(size, part.length);
    await this.#ask(next, { do: 'store', path, restartAt }, content.subarray(restartAt), restartAt === 0);
  }

  async #put(session: FtpSession, path: string, content: Buffer): Promise<void> {
    await this.#ask(session, { do: 'store', path, size: content.length }, content);
    // The folder may not be there: such clients make it and try again.
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (folder !== '' && this.#random.chance(0.3)) await this.#ask(session, { do: 'makeDir', path: folder });
  }

  async #ask(session: FtpSession, command: FtpCommand, data?: Buffer, isWhole = true): Promise<void> {
    const { onAsk, onReply, onLost } = this.#world;
    const sha256 = data && isWhole ? createHash('sha256').update(data).digest('hex') : undefined;
    const asked = onAsk(command, sha256);
    try {
      onReply(asked, await session.ask(command, data));
    } catch (error) {
      if (error instanceof Lost) onLost(asked);
      throw error;
    }
  }

  #somePath(): string {
    const folder = this.#random.pick(FOLDERS);
    const name = this.#random.chance(0.1) ? this.#random.pick(['x', 'y']) : this.#random.pick(NAMES);
    return this.#spelled(folder === '' ? name : `${folder}/${name}`);
  }

  #someFolder(): string {
    return this.#spelled(this.#random.pick(['a', 'b', 'c', 'a/x', 'a/y', 'b/z', 'c/x', 'a/x/y']));
  }

  #spelled(path: string): string {
    const { spelling, accents } = this.#world;
    if (accents) return accented(path);
    return spelling ? respelled(path, spelling) : path;
  }

  /** No two are the same, but for those that are so on purpose. */
  #content(): Buffer {
    const random = this.#random;
    if (random.chance(0.05)) return Buffer.from(`again ${random.below(3)}`);
    if (random.chance(0.02)) return Buffer.alloc(0);
    const size = random.chance(0.08) ? random.below(200_000) : random.below(3_000);
    return Buffer.concat([
      Buffer.from(`${this.#process.name} ${(this.#made += 1)} `),
      random.bytes(16),
      Buffer.alloc(size, 120),
    ]);
  }

  #page(): Buffer {
    const random = this.#random;
    const links = Array.from(
      { length: random.below(5) },
      () => `<a href="/${random.chance(0.3) ? random.pick(PAGES) : this.#somePath()}">`,
    );
    return Buffer.from(
      `<html><!-- ${this.#process.name} ${(this.#made += 1)} --><body>${links.join('')}</body></html>`,
    );
  }
}
