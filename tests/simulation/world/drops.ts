import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PublishJob } from '../../../shared/contract/publishing.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { type Abilities, PlainFtpServer } from '../network/plain-ftp-server.ts';
import { pathsBelow } from '../oracle/tree.ts';
import type { SeededRandom } from '../random.ts';
import type { World } from './world.ts';

const NAMES = ['index.html', 'one.txt', 'a/one.txt', 'a/two.txt', 'b/x/deep.txt'];
/** Whose the file is until it is whole, or after another one took its place: nobody's page. */
const TEMPORARY = /(?:^|\/)\.lockstep-[0-9a-f]{16}\.(?:part|old)$/;
const BASE = '/web';
const TARGET = 'space';

/**
 * Somebody who publishes a folder of the master's machine to another FTP server, a drop at a time. Visitors of that one may see no
 * content that is not whole, and a drop that has ended has left none of the pages away.
 */
export class Drops {
  readonly server: PlainFtpServer;
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #folder: string;
  /** By path: all that it ever held here. */
  readonly #versions = new Map<string, Set<string>>();
  /** Pages that were there when the drop began, and stay. */
  #pages = new Set<string>();
  #job: string | undefined;
  #stopped = false;
  #written = 0;
  made = 0;

  constructor(world: World, abilities: Abilities, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
    this.#folder = join(world.master.machine, 'to-drop');
    mkdirSync(this.#folder);
    this.server = new PlainFtpServer(abilities, world.network, world.scheduler);
    this.server.onChange = (path) => this.#look(path);
  }

  start(): void {
    this.#later(this.#random.between(0, 3_000));
  }

  /** All that was to be published is there. */
  async finish(): Promise<void> {
    this.#stopped = true;
    const { scheduler } = this.#world;
    for (const end = scheduler.now + 30 * 60_000; scheduler.now < end && scheduler.failure === undefined; ) {
      const job = await this.#world.until(this.#show());
      if (job?.state.is === 'stopped') await this.#world.until(this.#resume(job.id));
      else if (job === undefined && (await this.#world.until(this.#isThere()))) return;
      await scheduler.runUntil(scheduler.now + 1_000);
    }
    throw new Error('a drop does not come to its end');
  }

  #later(millis: number): void {
    const next = (): void => {
      if (this.#stopped) return;
      this.#later(this.#random.between(100, 5_000));
      const { master, scheduler } = this.#world;
      this.#edit();
      if (!master.isUp) return;
      this.#act().catch((error: unknown) => {
        if (!(error instanceof AppError)) return scheduler.fail(error);
        scheduler.note(`refused: ${error.code} ${JSON.stringify(error.params)}`);
      });
    };
    this.#world.scheduler.after(millis, 'drop', next, null);
  }

  /** From one step to the next, as whoever saves it does. */
  #edit(): void {
    const path = this.#random.pick(NAMES);
    const file = join(this.#folder, path);
    if (this.#random.chance(0.2)) {
      this.#pages.delete(path);
      return rmSync(file, { force: true });
    }
    const text = `version ${(this.#written += 1)} ${'x'.repeat(this.#random.below(20_000))}`;
    mkdirSync(dirname(file), { recursive: true });
    try {
      writeFileSync(file, text);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      this.#pages.delete(path);
      return rmSync(file);
    }
    for (let each = file; each.length >= this.#folder.length; each = dirname(each)) flush(each);
    this.#versions.set(path, (this.#versions.get(path) ?? new Set()).add(text));
  }

  async #act(): Promise<void> {
    const { master } = this.#world;
    const job = await this.#show();
    if (job === undefined) return this.#begin();
    if (job.state.is === 'stopped' && this.#random.chance(0.7)) return this.#resume(job.id);
    if (this.#random.chance(0.1)) await master.call('publish.cancel', { job: job.id });
  }

  /** Its password is kept until the master ends. */
  async #target(): Promise<void> {
    const { host } = this.server;
    const place = { name: TARGET, host, port: 21, protocol: 'ftp' as const, user: 'web', folder: BASE.slice(1) };
    const target = { ...place, trust: { by: 'authority' as const } };
    await this.#world.master.call('target.add', { target, password: 'word', remember: false, replace: true });
  }

  async #begin(): Promise<void> {
    const { master } = this.#world;
    await this.#target();
    const to = { kind: 'target' as const, target: TARGET };
    const how = { delete: true, allowDeletes: true };
    const job = await master.call('publish.start', { to, sources: [this.#folder], name: 'a drop', ...how });
    this.made += 1;
    this.#job = job.id;
    this.#pages = new Set(pathsBelow(this.#folder).filter((path) => this.server.files.has(`${BASE}/${path}`)));
  }

  async #resume(job: string): Promise<void> {
    await this.#target();
    await this.#world.master.call('publish.resume', { job, allowDeletes: true });
  }

  /** The drop that is under way. One that was when the master ended has stopped. */
  async #show(): Promise<PublishJob | undefined> {
    const jobs = await this.#world.master.call('publish.list', {});
    const job = jobs.find(({ id }) => id === this.#job);
    if (job?.state.is !== 'done' && job?.state.is !== 'cancelled') return job;
    this.#job = undefined;
    this.#world.scheduler.note(`a drop is ${JSON.stringify(job.state)}`);
    for (const path of this.#pages)
      if (!this.server.files.has(`${BASE}/${path}`))
        this.#world.scheduler.fail(new Error(`a drop that has ended (${job.state.is}) has taken ${path} away`));
    return undefined;
  }

  async #isThere(): Promise<boolean> {
    const own = pathsBelow(this.#folder).filter((path) => NAMES.includes(path));
    const there = [...this.server.files].filter(([path]) => !TEMPORARY.test(path));
    const isSame =
      own.length === there.length &&
      own.every((path) =>
        this.server.files.get(`${BASE}/${path}`)?.content.equals(readFileSync(join(this.#folder, path))),
      );
    if (!isSame) await this.#begin();
    return isSame;
  }

  #look(absolute: string): void {
    const content = this.server.files.get(absolute)?.content;
    if (content === undefined || TEMPORARY.test(absolute)) return;
    if (this.#versions.get(absolute.slice(BASE.length + 1))?.has(content.toString())) return;
    this.#world.scheduler.fail(
      new Error(`visitors of the web space see a part of ${absolute}: ${content.length} bytes`),
    );
  }
}

function flush(path: string): void {
  const fd = openSync(path, 'r');
  fsyncSync(fd);
  closeSync(fd);
}
