import type { Change } from '../../../shared/domain/change.ts';

/** What stood at a path from a change on; undefined: nothing. */
export interface Version {
  readonly seq: number;
  readonly sha256: string | undefined;
  readonly refs: readonly string[];
  readonly release: number | undefined;
  readonly at: number;
  /** It has another name from then on. */
  readonly isRenamed?: boolean;
  /** Where it had another name before, the last release of that: what of it waits goes on here. */
  readonly moved?: number | undefined;
}

/** All that a master has published: the oracle's own idea of its journal. */
export class SiteHistory {
  readonly versions = new Map<string, Version[]>();
  /** The paths of each release. */
  readonly releases = new Map<number, Set<string>>();

  add(changes: readonly Change[], at: number): void {
    for (const change of changes) {
      const release = change.release?.last;
      const note = (path: string, sha256?: string, refs: readonly string[] = [], more: Partial<Version> = {}): void => {
        const all = this.versions.get(path) ?? [];
        this.versions.set(path, all);
        all.push({ seq: change.seq, sha256, refs, release, at, ...more });
        if (release !== undefined) this.releases.set(release, (this.releases.get(release) ?? new Set()).add(path));
      };
      if (change.op === 'put') note(change.path, change.sha256, change.refs);
      else if (change.op === 'delete') note(change.path);
      else if (change.op === 'rename' && change.content) {
        const last = this.versions
          .get(change.from)
          ?.findLast(({ release: own, moved }) => (own ?? moved) !== undefined);
        note(change.from, undefined, [], { isRenamed: true });
        note(change.path, change.content.sha256, change.content.refs, { moved: last?.release ?? last?.moved });
      } else throw new TypeError(`the trial does no ${change.op}`);
    }
  }

  /** Paths at which there is something. */
  get present(): string[] {
    return [...this.versions.keys()].filter((path) => this.last(path)?.sha256 !== undefined).sort();
  }

  last(path: string): Version | undefined {
    return this.versions.get(path)?.at(-1);
  }

  at(path: string, seq: number): Version | undefined {
    return this.versions.get(path)?.findLast((version) => version.seq <= seq);
  }

  /** The last that a release made of a path. */
  ofRelease(path: string, release: number): Version | undefined {
    return this.versions.get(path)?.findLast((version) => version.release === release);
  }
}
