import type { SiteFiles } from '../../../electron/engine/master/site-files.ts';
import type { MasterSite } from '../../../electron/engine/master/site.ts';
import type { Change } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { type Generation, PowerLost } from '../generation.ts';
import { pickFrom, type Random } from '../disk/random.ts';
import type { Oracle } from './oracle.ts';

const NAMES = ['a', 'b', 'c', 'sub', 'sub/a', 'sub/b', 'sub/deep', 'sub/deep/a', 'other', 'other/a'] as const;

/** What a client sends at a time. */
const CHUNK_BYTES = 9000;

/** Someone who changes the site by all means that its FTP server has, until the power is lost. */
export class Publisher {
  readonly #oracle: Oracle;
  readonly #random: Random;
  #at: { readonly site: MasterSite; readonly generation: Generation } | undefined;
  #working: Promise<void> | undefined;
  readonly #by: { readonly account: string };
  /** What it has begun to send; undefined: what is left of it may be the beginning of another content. */
  readonly #begun = new Map<SitePath, Buffer | undefined>();

  constructor(oracle: Oracle, random: Random, account: string) {
    this.#oracle = oracle;
    this.#random = random;
    this.#by = { account };
  }

  /** Where it is still at work in this generation, it goes on with that. */
  work(site: MasterSite, generation: Generation, actions: number): Promise<void> {
    if (this.#at?.generation === generation && this.#working) return this.#working;
    this.#at = { site, generation };
    this.#working = this.#work(actions).finally(() => {
      if (this.#at?.generation === generation) this.#working = undefined;
    });
    return this.#working;
  }

  async #work(actions: number): Promise<void> {
    for (let left = actions; left > 0; left -= 1) {
      try {
        await this.#act();
      } catch (error) {
        if (this.#isOver || error instanceof PowerLost) return;
        // What the site refuses (a folder in the way, say) is no matter here.
        if (!(error instanceof AppError)) throw error;
      }
    }
  }

  get #isOver(): boolean {
    return this.#at?.generation.ended ?? true;
  }

  get #site(): MasterSite {
    if (!this.#at) throw new TypeError('there is no site');
    return this.#at.site;
  }

  #act(): Promise<unknown> {
    const chance = this.#random();
    if (chance < 0.15) return this.#release();
    if (chance < 0.2) return this.#rollBack();
    return this.#change(this.#site, (change) => this.#oracle.acknowledged(change));
  }

  async #change(files: SiteFiles, done: (change: Change) => void): Promise<void> {
    const chance = this.#random();
    const path = this.#path();
    if (chance < 0.55) return this.#upload(files, path, done);
    if (chance < 0.65) return this.#acknowledge(files.remove(path, this.#by), done);
    if (chance < 0.78) return this.#acknowledge(files.makeDir(path, this.#by), done);
    if (chance < 0.84) return this.#acknowledge(files.removeDir(path, this.#by), done);
    if (chance < 0.95) return this.#acknowledge(files.rename(path, this.#path(), this.#by), done);
    const mtime = 1_600_000_000_000 + Math.floor(this.#random() * 1e9);
    return this.#acknowledge(files.touch(path, mtime, this.#by), done);
  }

  async #acknowledge(changing: Promise<Change>, done: (change: Change) => void): Promise<void> {
    const change = await changing;
    if (!this.#isOver) done(change);
  }

  async #upload(files: SiteFiles, path: SitePath, done: (change: Change) => void): Promise<void> {
    const resumed = await this.#resumed(path);
    const upload = await files.beginUpload(path, { by: this.#by, ...(resumed && { restartAt: resumed.at }) });
    const content = resumed?.content ?? this.#oracle.newContent(path, this.#size());
    const breaksAt = this.#random() < 0.2 ? Math.floor(this.#random() * content.length) : content.length;
    this.#begun.set(path, this.#begun.has(path) && this.#begun.get(path) !== content ? undefined : content);
    for (let at = upload.offset; at < breaksAt; at += CHUNK_BYTES)
      await upload.write(content.subarray(at, Math.min(breaksAt, at + CHUNK_BYTES)));
    if (breaksAt < content.length) return upload.breakOff('control-lost');
    this.#oracle.offered(content);
    return this.#acknowledge(upload.commit(), (change) => {
      this.#oracle.uploaded(change, content);
      // What was broken off before is worthless, and gone.
      this.#begun.delete(path);
      done(change);
    });
  }

  /** A client goes on where its last upload of this path ended, as far as the server says that it has it. */
  async #resumed(path: SitePath): Promise<{ at: number; content: Buffer } | undefined> {
    const content = this.#begun.get(path);
    if (!content || this.#random() < 0.4) return undefined;
    const at = await this.#site.partSize(path, this.#by.account);
    return at === undefined || at > content.length ? undefined : { at, content };
  }

  async #release(): Promise<void> {
    const release = this.#site.beginRelease('several', this.#by);
    const uploaded: Change[] = [];
    for (let left = 1 + Math.floor(this.#random() * 5); left > 0; left -= 1) {
      try {
        await this.#change(release, (change) => uploaded.push(change));
      } catch (error) {
        if (!(error instanceof AppError) || this.#isOver) throw error;
      }
    }
    if (this.#random() < 0.15) return release.abort();
    const together = this.#random() < 0.4 ? { limit: 2000, quorum: 1 } : undefined;
    const committed = await release.commit(together && { together });
    if (!this.#isOver) this.#oracle.released(committed);
  }

  async #rollBack(): Promise<void> {
    const [latest] = this.#oracle.releases.slice(-1);
    if (latest === undefined) return;
    const committed = await this.#site.releases.rollback(latest, { by: this.#by, force: true });
    if (!this.#isOver) this.#oracle.released(committed);
  }

  #path(): SitePath {
    return pickFrom(this.#random, NAMES) as SitePath;
  }

  #size(): number {
    const chance = this.#random();
    if (chance < 0.1) return 0;
    return Math.floor(this.#random() * (chance < 0.2 ? 200_000 : chance < 0.6 ? 12_000 : 300));
  }
}
