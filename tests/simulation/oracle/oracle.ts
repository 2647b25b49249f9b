import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { outside } from '../generation.ts';
import type { FtpCommand } from '../network/ftp-protocol.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Plan } from '../world/plan.ts';
import { GONE, JournalModel, type Row } from './journal-model.ts';
import { isSame, MirrorWatch } from './mirror-watch.ts';
import { type Asked, Promises } from './promises.ts';
import { SCAN, ScanGuard } from './scan-guard.ts';
import { Together } from './together.ts';
import { differences, readTree } from './tree.ts';
import { Told, ToldChanges } from './told.ts';
import { WrittenFiles } from './written-files.ts';

/** What must not happen has happened. */
export class Forbidden extends Error {
  override name = 'Forbidden';
}

/** Knows what was asked for and promised, looks at every change of a mirror's tree, and judges all of it at the end. */
export class Oracle {
  readonly model: JournalModel;
  readonly promises = new Promises();
  readonly mirrors: MirrorWatch[] = [];
  readonly #scheduler: Scheduler;
  readonly #masterRoot: string;
  readonly #together: Together;
  readonly #toldChanges = new Map<string, ToldChanges>();
  readonly #toldReleases = new Told('release-everywhere');
  readonly #everywhere = new Set<number>();
  readonly guard: ScanGuard;
  readonly written = new WrittenFiles();
  readonly #isHooked: boolean;
  #edited = false;
  looks = 0;

  constructor(
    database: string,
    site: string,
    masterRoot: string,
    scheduler: Scheduler,
    { groups, hooked }: Pick<Plan, 'groups' | 'hooked'>,
  ) {
    this.#isHooked = hooked;
    this.model = new JournalModel(database, site);
    this.#masterRoot = masterRoot;
    this.#scheduler = scheduler;
    this.#together = new Together(this.model, scheduler, groups);
    this.guard = new ScanGuard(masterRoot, scheduler);
  }

  addMirror(name: string, root: string, how: ConstructorParameters<typeof MirrorWatch>[3]): void {
    const mirror = new MirrorWatch(name, root, this.model, how);
    this.mirrors.push(mirror);
    if (this.#isHooked) this.#toldChanges.set(name, new ToldChanges(mirror));
  }

  /** Somebody changes the master's tree without FTP: what is journalled from now on may be nobody's command. */
  edited(): void {
    this.#edited = true;
  }

  asked(command: FtpCommand, sha256?: string): Asked {
    this.#scheduler.note(`asks ${JSON.stringify(command)} ${sha256?.slice(0, 8) ?? ''}`);
    return this.promises.ask(command, this.model.era, sha256);
  }

  replied(asked: Asked, reply: { readonly code: number; readonly text: string; readonly seq?: number }): void {
    this.#scheduler.note(`hears ${reply.code} ${reply.seq ?? ''} ${reply.text}`);
    const broken = this.promises.heard(asked, reply, this.model);
    if (broken !== undefined) this.#forbid(broken);
  }

  lost(asked: Asked): void {
    this.#scheduler.note(`hears nothing of ${asked.command.do}`);
    this.promises.lost(asked);
  }

  /** Somebody is about to write this at a mirror, or to take what is there away. */
  foreign(name: string, path: string, text: string | undefined): void {
    this.mirrors.find((mirror) => mirror.name === name)?.foreign(path, text);
  }

  /** A person decides that these stay at a mirror, though the master has deleted them. */
  givenUp(name: string, paths: readonly string[]): void {
    const found = this.mirrors.find((mirror) => mirror.name === name);
    for (const path of paths) found?.givenUp.add(path);
  }

  /** By routes, or by what it leaves out, a mirror has what is below this folder now and then. */
  comesAndGoes(name: string, folder: string): void {
    this.mirrors.find((mirror) => mirror.name === name)?.comesAndGoes.add(folder);
  }

  /** Somebody has decided about what waits there: it is shown at once, or never. */
  decided(name: string): void {
    const found = this.mirrors.find((mirror) => mirror.name === name);
    if (found) found.isDecided = true;
  }

  /** The program of a hook reads what it is told: of a mirror, or of the master. */
  told(mirror: string | undefined, body: string): void {
    this.#scheduler.note(`a program reads ${body.trim()}`);
    const { now } = this.#scheduler;
    const wrong = mirror === undefined ? this.#toldRelease(body) : this.#toldChanges.get(mirror)?.heard(body, now);
    if (wrong !== undefined) this.#forbid(wrong);
  }

  /** To programs. */
  get eventsTold(): number {
    return [...this.#toldChanges.values()].reduce((sum, { count }) => sum + count, this.#toldReleases.count);
  }

  #toldRelease(body: string): string | undefined {
    const event = this.#toldReleases.heard(body);
    if (typeof event !== 'object') return event;
    const { id } = event.release;
    if (this.#everywhere.has(id)) return `release ${id} is told twice`;
    this.#everywhere.add(id);
    const lacking = this.mirrors.flatMap((mirror) => {
      const older = this.#together.lacks(mirror, id).filter((path) => !mirror.isPutBack(path));
      return older.map((path) => `${path} at ${mirror.name}`);
    });
    return lacking.length > 0 ? `release ${id} is told as if it were everywhere: not ${lacking.join(', ')}` : undefined;
  }

  #untold(): string[] {
    const releases = this.#isHooked ? new Set(this.model.rows.flatMap(({ release }) => release ?? [])) : [];
    return [
      ...[...this.#toldChanges.values()].flatMap((told) => told.check()),
      ...[...releases].filter((id) => !this.#everywhere.has(id)).map((id) => `nobody was told of release ${id}`),
    ];
  }

  /** The database of a mirror is an older one. */
  putBack(name: string): void {
    this.mirrors.find((mirror) => mirror.name === name)?.forgets();
  }

  /** `work` puts an older copy in the place of the master's database, which has been read to its end before. */
  masterPutBack(work: () => void): void {
    this.model.close();
    work();
    outside(() => this.model.putBack());
  }

  clockSet(name: string): void {
    const found = this.mirrors.find((mirror) => mirror.name === name);
    if (found) found.clockSet = true;
  }

  /** What was not flushed may be gone: it may show what it showed before. */
  powerLost(name: string): void {
    this.mirrors.find((mirror) => mirror.name === name)?.reset();
  }

  fileChanged(path: string): void {
    this.guard.changed(path);
    for (const mirror of this.mirrors) if (mirror.changed(path)) return;
  }

  masterCommitted(): void {
    const rows = this.model.update();
    for (const row of rows) {
      this.#scheduler.note(
        `journal ${row.seq} ${row.op} ${row.from ?? ''} ${row.path} ${row.content?.sha256.slice(0, 8) ?? ''}`,
      );
      this.#together.journalled(row.seq);
      const early = row.account === SCAN ? this.written.journalled(row, this.#scheduler.now) : undefined;
      if (early !== undefined) this.#forbid(early);
      if (this.#edited || this.#isFoundAgain(row)) continue;
      const invented = this.promises.invented(row);
      if (invented !== undefined) this.#forbid(invented);
    }
    for (const text of this.guard.journalled(rows, this.model.tree)) this.#forbid(text);
    for (const { release, mirror: name } of this.model.newlyShown()) {
      const mirror = this.mirrors.find((each) => each.name === name);
      if (mirror) for (const text of this.#together.claimed(mirror, release)) this.#forbid(text);
    }
  }

  /** An older journal does not know what stands there, or is gone: whoever renames it, or removes its folder, or looks for it, has that journalled. */
  #isFoundAgain({ op, path, content }: Row): boolean {
    if (op === 'mkdir' || op === 'rename') return false;
    const versions = this.model.history.get(path) ?? [];
    return versions.some(({ seq, state }) => this.model.isLost(seq) && isSame(state, content ?? GONE));
  }

  look(): void {
    for (const mirror of this.mirrors) {
      const { changed, violations } = mirror.look();
      for (const path of changed) {
        this.looks += 1;
        this.#scheduler.note(`${mirror.name} shows ${path} of ${mirror.shown.get(path)?.seq}`);
      }
      for (const { text } of violations) this.#forbid(text);
      if (changed.length === 0) continue;
      this.#toldChanges.get(mirror.name)?.shown(changed, this.#scheduler.now);
      for (const text of this.#together.look(mirror, changed)) this.#forbid(text);
    }
  }

  /** `but for what is too much`: where a mirror knows less than it did, and nothing was checked since. */
  checkAtRest(how: 'all of it' | 'but for what is too much' = 'all of it'): void {
    const wanted = this.model.tree;
    const wrong = [
      ...this.promises.check(this.model),
      ...this.#untold(),
      ...differences(wanted, readTree(this.#masterRoot)).map((line) => `the master has ${line}`),
      ...(this.model.era > 0 ? differences(this.model.promised, readTree(this.#masterRoot)) : []).map(
        (line) => `of what was promised before its journal was put back, or after it, the master has ${line}`,
      ),
      ...this.mirrors.flatMap(({ name, root, isCompared, isForgetful }) => [
        ...differences(
          wanted,
          readTree(root),
          (path, state) => isCompared(path, state) && (how === 'all of it' || !isForgetful || wanted.has(path)),
        ).map((line) => `${name} has ${line}`),
        ...readdirSync(join(root, '.lockstep', 'staging')).map((file) => `${name} has ${file} left in staging`),
      ]),
    ];
    if (wrong.length > 0) this.#forbid(wrong.slice(0, 20).join('\n'));
  }

  close(): void {
    this.model.close();
  }

  #forbid(text: string): void {
    this.#scheduler.note(`FORBIDDEN ${text}`);
    this.#scheduler.fail(new Forbidden(text));
  }
}
