import type { Unnumbered } from '../../../shared/domain/change.ts';
import type { Reference } from '../../../shared/domain/reference.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { siteRules } from '../../../shared/contract/rules.ts';
import { compileGlob, compileRoutes } from '../../../electron/engine/core/routes.ts';
import { pagesOf } from '../pages.ts';
import { SeededRandom } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import { DecidingLink } from './deciding-link.ts';
import { DecidingMaster, SITE } from './deciding-master.ts';
import { DecidingMirror } from './deciding-mirror.ts';
import { DecidingOracle } from './deciding-oracle.ts';
import { SiteHistory } from './site-history.ts';

type Doing = 'put' | 'page' | 'delete' | 'rename' | 'release' | 'rules' | 'cut' | 'endMirror' | 'endMaster' | 'renew';

const FILES = ['a.css', 'b.css', 'c.css', 'd.jpg', 'e.jpg', 'f.txt', 'g.txt', 'h.js'];
const PAGES = ['index.html', 'one.html', 'two.html', 'three.html'];
const LATE_MILLIS = 60_000;
const REST_MILLIS = 30 * 60_000;

/** A master and its mirrors that only decide: no files, no wire, no disk. Everything else is theirs. */
export class DecidingWorld {
  readonly history = new SiteHistory();
  readonly master: DecidingMaster;
  readonly mirrors: DecidingMirror[] = [];
  readonly oracle: DecidingOracle;
  readonly plan;
  readonly counts = { changes: 0, releases: 0, links: 0, cuts: 0, ends: 0, renewed: 0 };
  readonly #scheduler: Scheduler;
  readonly #random: SeededRandom;
  readonly #links = new Map<DecidingMirror, DecidingLink>();
  #made = 0;
  #isOver = false;

  constructor(seed: string, scheduler: Scheduler) {
    const random = (this.#random = new SeededRandom(`decisions ${seed}`));
    this.#scheduler = scheduler;
    const names = Array.from({ length: 1 + random.below(3) }, (_, at) => `mirror-${at + 1}`);
    const routed = names.length > 1 && random.chance(0.2);
    const groups = random.chance(0.4)
      ? [
          {
            name: 'front',
            members: ['index.html', '*.css'],
            rule: random.pick(['all', 'settle'] as const),
            limit: 5_000,
          },
        ]
      : [];
    this.plan = {
      seed,
      routes: routed
        ? [
            { glob: '*.jpg', mirrors: names.slice(1) },
            { glob: '**', mirrors: 'all' as const },
          ]
        : [],
      groups,
      guards: names.map((name) => (random.chance(0.3) ? new SeededRandom(`guard ${name} ${seed}`).pick([0, 0.2]) : 1)),
      pages: pagesOf(seed),
      millis: random.between(60_000, 240_000),
      pause: random.pick([20, 100, 400]),
      troubles: random.pick([0.3, 1, 3]),
    };
    const now = (): number => scheduler.wallClock();
    const { routes } = this.plan;
    this.master = new DecidingMaster(routes, now);
    const member = groups.flatMap(({ members }) => members.map((glob) => compileGlob(glob)));
    this.oracle = new DecidingOracle({
      history: this.history,
      master: this.master,
      router: routes.length === 0 ? undefined : compileRoutes(routes),
      lateMillis: LATE_MILLIS,
      isGrouped: (path) => member.some((matches) => matches(path)),
    });
    for (const [at, name] of names.entries()) {
      const mirror: DecidingMirror = new DecidingMirror(name, this.plan.guards[at] ?? 1, {
        random: new SeededRandom(`${name} ${seed}`),
        now,
        later: (millis, label, work) => void scheduler.after(millis, label, work, null),
        onShown: (paths) => this.#look(mirror, paths),
      });
      this.mirrors.push(mirror);
      this.master.follow(mirror.peer);
    }
    this.master.setRules(siteRules.parse({ groups, links: { missing: 2_000, late: LATE_MILLIS, deleted: 10_000 } }));
  }

  async live(): Promise<void> {
    const scheduler = this.#scheduler;
    for (const mirror of this.mirrors) this.#connectLater(mirror);
    this.#next();
    this.#answerLater();
    await scheduler.runUntil(scheduler.now + this.plan.millis);
    this.#isOver = true;
  }

  /** Links are there, and everything comes to its end. */
  async rest(): Promise<void> {
    const scheduler = this.#scheduler;
    const end = scheduler.now + REST_MILLIS;
    while (scheduler.failure === undefined && scheduler.now < end) {
      await scheduler.runUntil(scheduler.now + 10_000);
      if (this.unrest().length > 0) continue;
      const wrong = this.oracle.atRest(this.mirrors);
      return wrong.length > 0 ? scheduler.fail(new Error(wrong.join('\n'))) : undefined;
    }
    if (scheduler.failure === undefined) scheduler.fail(new Error(`no rest: ${this.unrest().join('; ')}`));
  }

  unrest(): string[] {
    const { journal } = this.master;
    return this.mirrors.flatMap(({ peer, state, waits }) => {
      const wants = [...state.wants.all()].map(
        ({ path, state: is, seq, release }) => `${path} ${is} ${seq} ${release}`,
      );
      const isThere = state.journal === journal.id && state.cursor === journal.head;
      if (isThere && wants.length === 0) return [];
      return [`${peer.name} at ${state.cursor} of ${journal.head}, ${wants.join()}, ${JSON.stringify(waits)}`];
    });
  }

  #look(mirror: DecidingMirror, paths: readonly SitePath[]): void {
    this.#scheduler.note(`${mirror.peer.name} shows ${paths.join()}`);
    for (const text of this.oracle.look(mirror, paths, this.#scheduler.wallClock()))
      this.#scheduler.fail(new Error(text));
  }

  #next(): void {
    const random = this.#random;
    const troubles = this.plan.troubles;
    this.#after(random.chance(0.03) ? random.between(1_000, 20_000) : random.between(0, 2 * this.plan.pause), () => {
      if (this.#isOver) return;
      this.#do(
        random.weighted<Doing>({
          put: 30,
          page: 12,
          delete: 8,
          rename: 4,
          release: 8,
          rules: 0.3,
          cut: 3 * troubles,
          endMirror: 2 * troubles,
          endMaster: 0.5 * troubles,
          renew: 0.2 * troubles,
        }),
      );
      this.#next();
    });
  }

  #do(doing: Doing): void {
    const random = this.#random;
    const { master, counts } = this;
    switch (doing) {
      case 'put':
      case 'page':
      case 'delete':
      case 'rename': {
        const change = this.#change(doing, new Set());
        return change && this.#commit([change]);
      }
      case 'release': {
        const taken = new Set<string>();
        const kinds = Array.from({ length: 1 + random.below(6) }, () =>
          random.pick(['put', 'page', 'delete'] as const),
        );
        const changes = kinds.flatMap((kind) => this.#change(kind, taken) ?? []);
        if (changes.length === 0) return;
        counts.releases += 1;
        return this.#commit(changes, { together: random.chance(0.3) });
      }
      case 'rules': {
        const { groups, links } = master.journal.rules.rules;
        const own = groups.map((group) => ({ ...group, settle: 500 * random.below(4) }));
        return master.setRules({ groups: own, links });
      }
      case 'cut':
        return this.#cut(random.pick(this.mirrors));
      case 'endMirror': {
        const mirror = random.pick(this.mirrors);
        counts.ends += 1;
        this.#cut(mirror);
        mirror.end();
        this.#scheduler.note(`${mirror.peer.name} begins anew`);
        return mirror.open();
      }
      case 'endMaster':
        counts.ends += 1;
        for (const mirror of this.mirrors) this.#cut(mirror);
        master.end();
        this.#scheduler.note('the master begins anew');
        return master.open();
      case 'renew':
        counts.renewed += 1;
        this.#scheduler.note('the journal gets another name');
        return master.notifier.renew(SITE);
    }
  }

  /** Undefined: there is nothing to do it to. */
  #change(kind: 'put' | 'page' | 'delete' | 'rename', taken: Set<string>): Unnumbered | undefined {
    const random = this.#random;
    const path = random.pick(kind === 'page' ? PAGES : kind === 'put' ? FILES : [...FILES, ...PAGES]);
    const known = this.history.last(path);
    if (taken.has(path)) return undefined;
    taken.add(path);
    const named = path as SitePath;
    if (kind === 'delete') return known?.sha256 === undefined ? undefined : { op: 'delete', path: named };
    if (kind === 'rename') {
      const to = random.pick(path.endsWith('.html') ? PAGES : FILES) as SitePath;
      const { index } = this.master.journal;
      const entry = index.entry(named);
      if (to === path || entry?.kind !== 'file') return undefined;
      const { size, mtime, sha256, refs } = index.withRefs(named, entry);
      return {
        op: 'rename',
        from: named,
        path: to,
        kind: 'file',
        content: { size, mtime, sha256, ...(refs && { refs }) },
      };
    }
    const number = (this.#made += 1);
    const content = { size: number, mtime: this.#scheduler.wallClock(), sha256: number.toString(16).padStart(64, '0') };
    if (kind === 'put') return { op: 'put', path: named, ...content };
    const refs = Array.from({ length: random.below(4) }, () => random.pick([...FILES, ...PAGES]) as Reference);
    return { op: 'put', path: named, ...content, refs: [...new Set(refs)] };
  }

  #commit(changes: readonly Unnumbered[], release?: { readonly together: boolean }): void {
    this.counts.changes += changes.length;
    const at = this.#scheduler.wallClock();
    const away = this.mirrors.filter((mirror) => this.#links.get(mirror)?.isOpen !== true);
    // Mirrors are told within it.
    const numbered = this.master.commit(changes, release);
    this.history.add(numbered, at);
    const paths = numbered.flatMap((change) => (change.op === 'rename' ? [change.from, change.path] : [change.path]));
    const seqs = numbered.map(({ seq }) => seq);
    this.oracle.guard.committed(seqs, paths, away);
    for (const change of numbered) {
      const from = change.op === 'rename' ? `${change.from} to ` : '';
      this.#scheduler.note(`${change.seq} ${change.op} ${from}${change.path} ${JSON.stringify(change.release ?? '')}`);
    }
  }

  /** A person looks in now and then. */
  #answerLater(): void {
    this.#after(this.#random.between(1_000, 20_000), () => {
      for (const mirror of this.mirrors) {
        this.oracle.guard.answered(mirror);
        mirror.answer();
      }
      this.#answerLater();
    });
  }

  #connectLater(mirror: DecidingMirror): void {
    this.#after(this.#isOver ? 100 : this.#random.between(10, this.#random.chance(0.2) ? 20_000 : 1_000), () => {
      const random = this.#random;
      const later = (millis: number, work: () => void): void => this.#after(millis, work);
      const link = new DecidingLink(later, () => random.between(0.1, random.chance(0.05) ? 2_000 : 20));
      this.counts.links += 1;
      this.#links.set(mirror, link);
      link.open(
        mirror.peer,
        (session) => this.master.notifier.open(session),
        (session) => {
          mirror.opened(session);
          return {
            onMessage: (message) => {
              this.oracle.hears(mirror, message);
              mirror.receive(session, message);
              this.oracle.told(mirror, message);
            },
            onClose: () => mirror.closed(session),
          };
        },
      );
    });
  }

  #cut(mirror: DecidingMirror): void {
    const link = this.#links.get(mirror);
    if (!link?.isOpen) return;
    this.counts.cuts += 1;
    this.#scheduler.note(`the link of ${mirror.peer.name} is cut`);
    link.cut();
    this.#connectLater(mirror);
  }

  #after(millis: number, work: () => void): void {
    this.#scheduler.after(millis, 'moment', work, null);
  }
}
