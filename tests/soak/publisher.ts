import { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, FTPError } from 'basic-ftp';
import type { Random } from '../fuzz/random.ts';
import { hashOf, isWhole, makeContent } from './content.ts';
import { ABSENT, type Held, type Model, type Pending } from './model.ts';
import type { Tally } from './tally.ts';

export interface Login {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

const NAMES = [
  'index.html',
  'style.css',
  'a b.txt',
  'é.html',
  'big.bin',
  'photo.jpg',
  'data.json',
  'x',
  'y.html',
  'z.css',
];
const FOLDERS = ['', 'news/', 'news/old/', 'img/'];
const SMALL_BYTES = 20_000;
const LARGE_BYTES = 6_000_000;
const TIMEOUT_MILLIS = 20_000;

/** A person with an FTP client who changes a folder of the site that nobody else changes, at random. */
export class Publisher {
  readonly #login: Login;
  readonly #folder: string;
  readonly #model: Model;
  readonly #random: Random;
  readonly #tally: Tally;
  readonly #rollback: (release: number) => Promise<boolean>;
  #client = new Client(TIMEOUT_MILLIS);
  #version = 0;

  /** `rollback`: takes back a release by the command line; false where it was refused, rejects where nobody knows. */
  constructor(
    login: Login,
    folder: string,
    model: Model,
    random: Random,
    tally: Tally,
    rollback: (release: number) => Promise<boolean>,
  ) {
    this.#login = login;
    this.#folder = folder;
    this.#model = model;
    this.#random = random;
    this.#tally = tally;
    this.#rollback = rollback;
  }

  /** Changes the site until told to stop; connects again whenever it is cut off. */
  async run(signal: AbortSignal, pauseMillis: number): Promise<void> {
    const close = (): void => this.#client.close();
    while (!signal.aborted) {
      this.#client = new Client(TIMEOUT_MILLIS);
      signal.addEventListener('abort', close);
      try {
        await this.#client.access({ host: '127.0.0.1', ...this.#login });
        for (const folder of FOLDERS) await this.#client.sendIgnoringError(`MKD /${this.#folder}/${folder}`);
        while (!signal.aborted) {
          await this.#act();
          await sleep(this.#random.below(pauseMillis), undefined, { signal });
        }
      } catch (error) {
        if (error instanceof Unexpected) throw error.cause;
        if (!signal.aborted) {
          this.#tally.add('connections lost');
          await sleep(100 + this.#random.below(400));
        }
      } finally {
        signal.removeEventListener('abort', close);
        this.#client.close();
      }
    }
  }

  #act(): Promise<void> {
    const kind = this.#random.below(100);
    if (kind < 40) return this.#put(this.#random.below(SMALL_BYTES));
    if (kind < 46) return this.#put(this.#random.below(LARGE_BYTES));
    if (kind < 54) return this.#breakOff();
    if (kind < 66) return this.#remove();
    if (kind < 76) return this.#rename();
    if (kind < 80) return this.#folders();
    if (kind < 86) return this.#release();
    return this.#readBack();
  }

  async #put(size: number): Promise<void> {
    const path = this.#anyPath();
    if (path === undefined) return;
    await this.#upload('put', path, this.#content(size), 0);
  }

  async #upload(what: string, path: string, content: Buffer, from: number): Promise<void> {
    await this.#client.send(`ALLO ${content.length}`);
    if (from > 0) await this.#client.send(`REST ${from}`);
    const hash = hashOf(content);
    const pending = this.#model.begin(`${what} ${path}`, new Map([[path, hash]]));
    const is = await this.#answered(pending, this.#client.uploadFrom(stream(content.subarray(from)), `/${path}`));
    if (!is) return this.#tally.add('refused');
    this.#model.promise(path, hash);
    this.#tally.add(what);
    this.#tally.add('bytes', content.length - from);
  }

  /** Begins an upload and goes away in the middle of it; mostly it comes back and goes on where it stopped. */
  async #breakOff(): Promise<void> {
    const path = this.#anyPath();
    if (path === undefined) return;
    const content = this.#content(200_000 + this.#random.below(LARGE_BYTES));
    const half = content.subarray(0, 1 + this.#random.below(content.length - 1));
    const pending = this.#model.begin(`broken upload of ${path}`, new Map([[path, hashOf(content)]]));
    const other = new Client(TIMEOUT_MILLIS);
    let hasBegun = false;
    try {
      await other.access({ host: '127.0.0.1', ...this.#login });
      await other.send(`ALLO ${content.length}`);
      const source = new Readable({ read: () => undefined });
      source.push(half);
      const uploading = other.uploadFrom(source, `/${path}`).catch(() => undefined);
      await sleep(20 + this.#random.below(200));
      // Bytes go out once the server has said that it takes them.
      hasBegun = (other.ftp.dataSocket?.bytesWritten ?? 0) > 0;
      other.close();
      source.destroy();
      await uploading;
    } catch {
      // The server was away: nothing was begun.
    } finally {
      other.close();
    }
    // It never had the whole of it.
    pending.refused();
    this.#tally.add('broken off');
    if (!hasBegun || this.#random.chance(0.3)) return;
    await sleep(100);
    const { message } = await this.#client.sendIgnoringError(`SIZE /${path}`);
    const there = Number(/^213 (\d+)/u.exec(message)?.[1] ?? 0);
    // SIZE tells of the part only where there is one; else of the file that is there, or of nothing.
    if (there <= 0 || there > half.length || this.#model.isBusy(path) || this.#model.held(path) !== ABSENT) return;
    await this.#upload('resumed', path, content, there);
  }

  async #remove(): Promise<void> {
    const path = this.#somePath();
    if (path === undefined) return;
    const pending = this.#model.begin(`delete ${path}`, new Map([[path, ABSENT]]));
    if (await this.#answered(pending, this.#client.send(`DELE /${path}`))) this.#tally.add('delete');
  }

  async #rename(): Promise<void> {
    const from = this.#somePath();
    const to = this.#anyPath();
    if (from === undefined || to === undefined || from === to) return;
    const after = new Map<string, Held>([
      [from, ABSENT],
      [to, this.#model.held(from)],
    ]);
    const pending = this.#model.begin(`rename ${from} to ${to}`, after);
    if (await this.#answered(pending, this.#client.rename(`/${from}`, `/${to}`))) this.#tally.add('rename');
  }

  /** A folder goes to another name and back, with all that is in it. */
  async #folders(): Promise<void> {
    const [from, to] = this.#random.chance(0.5) ? ['img', 'pictures'] : ['pictures', 'img'];
    const inside = (folder: string): string[] => NAMES.map((name) => `${this.#folder}/${folder}/${name}`);
    const paths = [...inside(from), ...inside(to)];
    if (paths.some((path) => this.#model.isBusy(path))) return;
    // Over a folder that holds something it is refused.
    if (inside(to).some((path) => this.#model.held(path) !== ABSENT)) return;
    const after = new Map<string, Held>(inside(from).map((path) => [path, ABSENT]));
    for (const [index, path] of inside(from).entries()) after.set(inside(to)[index] ?? '', this.#model.held(path));
    await this.#client.sendIgnoringError(`RMD /${this.#folder}/${to}`);
    const pending = this.#model.begin(`rename folder ${from} to ${to}`, after);
    const done = await this.#answered(
      pending,
      this.#client.rename(`/${this.#folder}/${from}`, `/${this.#folder}/${to}`),
    );
    if (done) this.#tally.add('folder renamed');
    await this.#client.sendIgnoringError(`MKD /${this.#folder}/${from}`);
  }

  /** Several files become visible in one moment; now and then that is taken back. */
  async #release(): Promise<void> {
    const paths = NAMES.slice(0, 2 + this.#random.below(5)).map((name) => `${this.#folder}/news/${name}`);
    if (paths.some((path) => this.#model.isBusy(path))) return;
    const contents = new Map(paths.map((path) => [path, this.#content(this.#random.below(SMALL_BYTES))]));
    await this.#client.send('SITE RELEASE BEGIN soak');
    const before = new Map(paths.map((path) => [path, this.#model.held(path)]));
    // Until the commit nothing of it is there, whatever becomes of the session.
    for (const [path, content] of contents) {
      await this.#client.send(`ALLO ${content.length}`);
      try {
        await this.#client.uploadFrom(stream(content), `/${path}`);
      } catch (error) {
        if (!(error instanceof FTPError) || this.#client.closed) throw error;
        await this.#client.send('SITE RELEASE ABORT');
        return this.#tally.add('refused');
      }
    }
    if (this.#random.chance(0.15)) {
      await this.#client.send('SITE RELEASE ABORT');
      return this.#tally.add('release given up');
    }
    const pending = this.#model.begin(
      `release of ${paths.length} files in ${this.#folder}`,
      new Map([...contents].map(([path, content]) => [path, hashOf(content)])),
    );
    let answer = '';
    const commit = this.#client.send('SITE RELEASE COMMIT').then(({ message }) => void (answer = message));
    if (!(await this.#answered(pending, commit))) {
      await this.#client.sendIgnoringError('SITE RELEASE ABORT');
      return this.#tally.add('refused');
    }
    for (const [path, content] of contents) this.#model.promise(path, hashOf(content));
    this.#tally.add('release');
    const number = Number(/Release (\d+) is published/u.exec(answer)?.[1]);
    if (number > 0 && this.#random.chance(0.4)) await this.#takeBack(number, before);
  }

  async #takeBack(release: number, before: ReadonlyMap<string, Held>): Promise<void> {
    const pending = this.#model.begin(`rollback of release ${release}`, before);
    const done = await this.#rollback(release).then(
      (is) => (is ? 'done' : 'refused'),
      () => 'unknown' as const,
    );
    pending[done]();
    this.#tally.add(done === 'done' ? 'rollback' : `rollback ${done}`);
  }

  /** What was promised is there, and whole. */
  async #readBack(): Promise<void> {
    const path = this.#somePath();
    if (path === undefined) return;
    const chunks: Buffer[] = [];
    const sink = new Writable({
      write: (chunk: Buffer, _, next) => {
        chunks.push(chunk);
        next();
      },
    });
    await this.#client.downloadTo(sink, `/${path}`).catch((error: unknown) => {
      // 421: the server is being stopped.
      if (error instanceof FTPError && error.code !== 421 && !this.#client.closed)
        throw new Unexpected(new Error(`${path} is promised and not served: ${error.message}`));
      throw error;
    });
    const content = Buffer.concat(chunks);
    if (!isWhole(content) || hashOf(content) !== this.#model.held(path))
      throw new Unexpected(
        new Error(`${path} is served with other content than was promised (${content.length} bytes)`),
      );
    this.#tally.add('read back');
  }

  /** True: done; false: refused. Rejects where it was cut off, and nobody knows. */
  async #answered(pending: Pending, operation: Promise<unknown>): Promise<boolean> {
    try {
      await operation;
      pending.done();
      return true;
    } catch (error) {
      if (error instanceof FTPError && error.code !== 421 && !this.#client.closed) {
        pending.refused();
        return false;
      }
      pending.unknown();
      throw error;
    }
  }

  #content(size: number): Buffer {
    this.#version += 1;
    return makeContent(`${this.#folder}-${this.#version}`, size);
  }

  #anyPath(): string | undefined {
    const path = `${this.#folder}/${this.#random.pick(FOLDERS)}${this.#random.pick(NAMES)}`;
    return this.#model.isBusy(path) ? undefined : path;
  }

  #somePath(): string | undefined {
    const mine = this.#model
      .present()
      .filter((path) => path.startsWith(`${this.#folder}/`) && this.#model.held(path) !== ABSENT);
    return mine.length === 0 ? undefined : this.#random.pick(mine);
  }
}

/** Not a cut: what the server did is wrong. */
class Unexpected extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

function stream(content: Buffer): Readable {
  return Readable.from([content], { objectMode: false });
}
