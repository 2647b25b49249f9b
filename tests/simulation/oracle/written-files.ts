import type { Row } from './journal-model.ts';

/** How long a file has to be quiet, in milliseconds: one that was written to for longer than `after` for longer. See `site add --watch`. */
const QUIET = 500;
const LONG = { after: 2_000, quiet: 3_000 };
/** What is heard of a folder is heard a moment later. */
const SLACK = 20;

/** Somebody who writes a file of a watched folder, in pieces. `isSeen`: by a descriptor that is open until it is over. */
export interface Writing {
  readonly isSeen: boolean;
  isOver: boolean;
}

/** What a file held from one piece to the next. Times are simulated ones. */
interface Stage {
  readonly path: string;
  readonly writing: Writing;
  readonly since: number;
  /** It has been written to without a pause since then. */
  readonly series: number;
  isLast: boolean;
  until: number;
}

/** SPEC §3: what is changed without FTP is journalled after it has been stable for a moment, and never in the middle of it. */
export class WrittenFiles {
  /** By the hash of the content. */
  readonly #stages = new Map<string, Stage[]>();
  /** By the inode. */
  readonly #latest = new Map<number, Stage>();
  /** Where an empty file may be of somebody else. */
  readonly #emptied = new Set<string>();
  #watchedSince = 0;

  /** The folder is watched from now on: what was written before is not known. */
  watched(now: number): void {
    this.#watchedSince = now;
  }

  /** A piece was written: the file holds this now. */
  wrote(
    path: string,
    content: { readonly ino: number; readonly sha256: string; readonly size: number },
    writing: Writing,
    now: number,
  ): void {
    const before = this.#latest.get(content.ino);
    if (before) before.until = now;
    if (before?.writing === writing) before.isLast = false;
    // Of what was written elsewhere, or under another name, nobody knows how long that took.
    const goesOn = before?.path === path && now - before.since < this.#quiet(before) - SLACK;
    const series = goesOn ? before.series : now;
    const stage: Stage = { path, writing, since: now, series, isLast: true, until: Infinity };
    this.#latest.set(content.ino, stage);
    this.#stages.set(content.sha256, [...(this.#stages.get(content.sha256) ?? []), stage]);
  }

  /** Somebody else has written there in one go, on a full disk nothing: an empty file is not one that has just been begun. */
  edited(path: string): void {
    this.#emptied.add(path);
  }

  /** What of a row that was journalled for nobody's command must not be so. */
  journalled({ op, path, content }: Row, now: number): string | undefined {
    if (op !== 'put' || !content) return undefined;
    const stages = this.#stages.get(content.sha256) ?? [];
    // An empty file may be anybody's; any other content is of one of them, whatever it is called by now.
    if (content.size === 0 && (this.#emptied.has(path) || !stages.some((stage) => stage.path === path)))
      return undefined;
    const early = stages.map((stage) => this.#isEarly(stage, path, now));
    const found = early.find((why) => why !== undefined);
    return early.every((why) => why !== undefined) && found ? `${path} is journalled ${found}` : undefined;
  }

  #isEarly(stage: Stage, path: string, now: number): string | undefined {
    const { writing, isLast, since, until } = stage;
    if (writing.isSeen && !(isLast && writing.isOver)) return 'while a program has it open to write it';
    const stood = Math.min(until, now) - since;
    const needs = (stage.path === path ? this.#quiet(stage) : QUIET) - SLACK;
    return stood < needs ? `after it stood still for ${Math.round(stood)} ms, not ${needs}` : undefined;
  }

  #quiet({ since, series }: Stage): number {
    return since - Math.max(series, this.#watchedSince) > LONG.after + SLACK ? LONG.quiet : QUIET;
  }
}
