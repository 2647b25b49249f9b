import type { NameMode } from '../disk/name-log.ts';
import type { NameRules } from '../disk/volume.ts';
import type { Abilities } from '../network/plain-ftp-server.ts';
import { type NetworkFaults, PERFECT } from '../network/network.ts';
import { type PagesPlan, pagesOf } from '../pages.ts';
import { SeededRandom } from '../random.ts';
import type { KeepingPlan } from '../platform/keeping.ts';
import { knows } from '../seeds.ts';
import type { Deed } from './people.ts';
import type { Habits } from './publisher.ts';

/** What goes wrong, or is done to the installs, while people publish; by weight. */
export type Trouble =
  | 'cut'
  | 'part'
  | 'crash'
  | 'power'
  | 'crashMidway'
  | 'restart'
  | 'clock'
  | 'pauseAtMaster'
  | 'pauseAtMirror'
  | 'limit'
  | 'rescan'
  | 'editMaster'
  | 'rollback'
  | 'groupCommit'
  | 'diskFull'
  | 'flushFails'
  | 'sealed'
  | 'unreadable'
  | 'noDescriptors'
  | 'noRoom'
  | 'editMirror'
  | 'leave'
  | 'putBack'
  | 'restore'
  | 'vanish'
  | 'wipe'
  | 'writeSlowly'
  | 'people';

/** What a seed decides beforehand: who there is, what is set, and what goes wrong. */
export interface Plan {
  readonly seed: string;
  readonly mirrors: readonly MirrorPlan[];
  readonly publishers: readonly Habits[];
  readonly groups: readonly GroupPlan[];
  /** A mirror gets all but what is below these folders, by the master's routes. */
  readonly routedAway: readonly string[];
  /** Links that are set by hand. */
  readonly links: readonly { readonly glob: string; readonly target: string }[];
  /** On a disk that is full a database cannot be written either. */
  readonly databasesFull: boolean;
  /**
   * Disks that find a place for what is written when it is flushed, and write nothing over: a flush that finds none has lost what it was to
   * write, and what removes a name takes room.
   */
  readonly placesLate: boolean;
  /** What disks do with names that nobody has flushed. */
  readonly unflushed: NameMode;
  /** Some names have accents; where the disk takes their two forms (NFC, NFD) for one, people write them in both. */
  readonly accents: boolean;
  /** Disks that take two spellings for one name, or two forms, by the names of their installs. */
  readonly folding: Readonly<Record<string, NameRules>>;
  /** Those who write spell names in two ways. */
  readonly twoSpellings: boolean;
  readonly network: NetworkFaults;
  readonly pages: PagesPlan;
  readonly keeping: KeepingPlan;
  /** Changes are announced by multicast as well. */
  readonly announced: boolean;
  /** The master watches its folder: what people change in it without FTP is published by itself. */
  readonly watched: boolean;
  /** Programs are told what becomes visible at the mirrors, and which releases are everywhere. */
  readonly hooked: boolean;
  /** Somebody publishes to an FTP server that is no Lockstep, and can do this. */
  readonly drops: Abilities | undefined;
  /** People publish folders as releases, here and from a mirror's machine. */
  readonly releaseDrops: boolean;
  /** The first mirror follows a site of another master as well. */
  readonly otherMaster: boolean;
  readonly troubles: Readonly<Partial<Record<Trouble, number>>>;
  /** Of the trouble `people`, by weight. */
  readonly deeds: Readonly<Partial<Record<Deed, number>>>;
  /** Between two troubles, on average. */
  readonly troubleMillis: number;
  /** Simulated time in which things are done and go wrong. */
  readonly millis: number;
}

export interface MirrorPlan {
  readonly name: string;
  /** Folders that it leaves out. */
  readonly excludes: readonly string[];
  readonly connections: number;
  /** Beyond this share of its files it asks before it deletes; 1: never. */
  readonly deleteGuard: number;
}

export interface GroupPlan {
  readonly name: string;
  readonly members: readonly string[];
  readonly rule: 'all' | 'settle' | 'release';
  readonly limit: number | null;
}

const EVERYDAY: Habits = {
  put: 30,
  page: 8,
  delete: 8,
  makeDir: 8,
  removeDir: 2,
  rename: 5,
  renameDir: 2,
  touch: 3,
  break: 3,
  release: 3,
};
const CAREFUL: Habits = { put: 10, page: 10, delete: 3, makeDir: 6, rename: 2, touch: 1, release: 10 };
const FILES_ONLY: Habits = { put: 40, makeDir: 4, page: 4, delete: 2 };

const QUIET: NetworkFaults = { ...PERFECT, datagramsLost: 0.02 };
const FAR: NetworkFaults = {
  latency: [20, 120],
  slowShare: 0.01,
  corruptShare: 0,
  cutShare: 0.001,
  bytesPerMilli: 100,
  datagramsLost: 0.1,
  datagramsTwice: 0.02,
};
const BAD: NetworkFaults = {
  latency: [1, 40],
  slowShare: 0.03,
  corruptShare: 0.01,
  cutShare: 0.005,
  bytesPerMilli: 500,
  datagramsLost: 0.3,
  datagramsTwice: 0.1,
};

export const LINKS = [
  { glob: 'b/*.html', target: 'a/three.css' },
  { glob: 'index.html', target: 'one.txt' },
  { glob: 'a/**', target: 'c/x' },
] as const;

const TROUBLES: readonly Readonly<Partial<Record<Trouble, number>>>[] = [
  { cut: 10, part: 6, crash: 4, crashMidway: 8, restart: 2, clock: 2, rescan: 1 },
  { power: 8, crashMidway: 4, cut: 2 },
  { diskFull: 6, crashMidway: 4, cut: 2, part: 2 },
  { editMirror: 8, rescan: 4, crashMidway: 4, cut: 2 },
  { crash: 3, crashMidway: 20, restart: 1 },
  { cut: 5, part: 5, pauseAtMaster: 4, pauseAtMirror: 4, limit: 3, clock: 4, crashMidway: 3 },
  { editMaster: 8, rescan: 8, rollback: 4, groupCommit: 4, crashMidway: 3, cut: 2, part: 2 },
];

/**
 * Flushes fail, and power is lost later: in the end everywhere, so that what is on the disks comes to light. What people do to the trees
 * themselves nobody flushes.
 */
const FAILING_FLUSHES: readonly Readonly<Partial<Record<Trouble, number>>>[] = [
  { flushFails: 8, power: 6, crashMidway: 4, cut: 2 },
  { flushFails: 8, crash: 4, power: 2, rollback: 3, part: 2 },
];

/** Pairings end and begin anew. */
const LEAVING: readonly Readonly<Partial<Record<Trouble, number>>>[] = [
  { leave: 8, cut: 4, part: 4, crashMidway: 4, restart: 1 },
  { leave: 8, crash: 2, pauseAtMaster: 2, pauseAtMirror: 2, limit: 1 },
];

/** The master's data is an older copy: nobody has changed its tree but by FTP, so that all of that has to be there in the end. */
const RESTORING: readonly Readonly<Partial<Record<Trouble, number>>>[] = [
  { restore: 10, cut: 4, part: 4, crashMidway: 4, restart: 2 },
  { restore: 10, crash: 3, power: 3, clock: 2, pauseAtMirror: 2, rescan: 1 },
];

/** What people do in the interface. */
const DEEDS: readonly Readonly<Partial<Record<Deed, number>>>[] = [
  { routes: 6, look: 1 },
  { excludes: 6, hours: 2, look: 1 },
  { rules: 6, decide: 2, look: 1 },
  { folder: 6, version: 3, look: 2 },
  { check: 6, look: 2 },
  { decide: 6, check: 2, folder: 2, version: 1 },
];

export function planOf(seed: string): Plan {
  const random = new SeededRandom(`plan ${seed}`);
  // Apart, so that seeds without it do as ever.
  const more = new SeededRandom(`more ${seed}`);
  const mirrors = Array.from({ length: 1 + random.below(4) }, (_, at) => ({
    name: `mirror-${at + 1}`,
    excludes: random.chance(0.2) ? ['b'] : [],
    connections: random.pick([1, 2, 6]),
    deleteGuard: more.chance(0.2) ? more.pick([0.02, 0.1, 0.3]) : 1,
  }));
  const publishers = Array.from({ length: 1 + random.below(2) }, () =>
    random.pick([EVERYDAY, EVERYDAY, CAREFUL, FILES_ONLY]),
  );
  const groups: GroupPlan[] = [];
  if (random.chance(0.3))
    groups.push({
      name: 'front',
      members: ['index.html', 'a/*.css'],
      rule: random.pick(['all', 'settle']),
      limit: 20_000,
    });
  if (random.chance(0.15)) groups.push({ name: 'news', members: ['c/**'], rule: 'release', limit: null });
  const links = more.chance(0.2)
    ? [more.pick(LINKS), more.pick(LINKS)].filter((link, at, all) => all.indexOf(link) === at)
    : [];
  const flushes = new SeededRandom(`flushes ${seed}`);
  const failing = flushes.chance(0.2);
  const comings = new SeededRandom(`pairing ${seed}`);
  // What is left out of a mirror is not there to be left out anew.
  const leaving = !failing && comings.chance(0.15) && mirrors.every(({ excludes }) => excludes.length === 0);
  const backups = new SeededRandom(`restoring ${seed}`);
  const restoring = !failing && !leaving && backups.chance(0.12);
  const databasesFull = more.chance(0.6);
  const putBack = more.chance(0.1) ? { putBack: 6 } : {};
  const vanishing = !failing && !leaving && !restoring && new SeededRandom(`not mounted ${seed}`).chance(0.12);
  const people = new SeededRandom(`those who ask ${seed}`);
  const lacking = new SeededRandom(`descriptors ${seed}`).chance(0.12) && knows(seed, 'descriptors');
  const noRoom = new SeededRandom(`room ${seed}`).chance(0.15) && knows(seed, 'room');
  // The model of what was promised knows nothing of what they publish; a mirror that leaves is set anew.
  const withPeople = !leaving && !restoring && people.chance(0.25);
  const deeds = withPeople ? people.pick(DEEDS) : {};
  const watching = new SeededRandom(`watching ${seed}`);
  // What people write themselves nobody flushes; the model of what was promised knows nothing of it.
  const watched = !failing && !leaving && !restoring && watching.chance(0.2) && knows(seed, 'watch');
  const slowly = watched && new SeededRandom(`writing slowly ${seed}`).chance(0.7);
  const drifting = withPeople && !failing && new SeededRandom(`drifting ${seed}`).chance(0.25);
  // What is shown because somebody has set it so, or has repaired it, is told as well or is not.
  const isPlain = !failing && !leaving && !restoring && !withPeople && !('putBack' in putBack) && !vanishing;
  const hooked = isPlain && new SeededRandom(`hooks ${seed}`).chance(0.4) && knows(seed, 'hooks');
  const dropping = new SeededRandom(`drops ${seed}`);
  const sealed = new SeededRandom(`rights ${seed}`).chance(0.2) && knows(seed, 'rights');
  const unreadable = new SeededRandom(`reading ${seed}`).chance(0.2) && knows(seed, 'reading');
  // The model of what was promised knows nothing of who sees to two spellings in the end, and hooks tell of releases that are everywhere. What a
  // mirror has forgotten, in the other spelling, a person would have to remove.
  const spelling = new SeededRandom(`spelling ${seed}`);
  const twoSpellings =
    !restoring && !leaving && !hooked && !('putBack' in putBack) && spelling.chance(0.2) && knows(seed, 'spelling');
  const forms = new SeededRandom(`forms ${seed}`);
  const accents = !twoSpellings && forms.chance(0.15) && knows(seed, 'accents');
  const folding = twoSpellings ? foldingOf(spelling, mirrors) : accents ? normalisingOf(forms, mirrors) : {};
  const handMade = folding['master'] && accents && !failing && !leaving && !restoring;
  // Someone has to ask for it.
  const wipe = mirrors.some(({ deleteGuard }) => deleteGuard < 1) ? { wipe: 2 } : {};
  return {
    seed,
    mirrors,
    publishers,
    groups,
    links,
    databasesFull,
    placesLate: knows(seed, 'late'),
    unflushed: failing && flushes.chance(0.5) ? 'any' : 'ordered',
    accents,
    folding,
    twoSpellings,
    // A route names a mirror at least: there has to be one that gets it.
    routedAway: random.chance(0.2) && mirrors.length > 1 && !leaving ? ['c'] : [],
    network: random.pick([QUIET, FAR, BAD]),
    pages: pagesOf(seed),
    // A program is told of what is in the history; the model of an older journal reads all of it.
    keeping: hooked || restoring ? {} : keepingOf(seed),
    otherMaster: new SeededRandom(`another ${seed}`).chance(0.2),
    announced: new SeededRandom(`group ${seed}`).chance(0.25),
    watched,
    hooked,
    drops: !failing && dropping.chance(0.12) && knows(seed, 'drops') ? abilitiesOf(dropping) : undefined,
    releaseDrops:
      (!restoring || knows(seed, 'restoredDrops')) &&
      (!twoSpellings || knows(seed, 'spelledDrops')) &&
      new SeededRandom(`dropped releases ${seed}`).chance(0.25) &&
      knows(seed, 'releases'),
    troubles: {
      ...(leaving
        ? comings.pick(LEAVING)
        : failing
          ? flushes.pick(FAILING_FLUSHES)
          : restoring
            ? backups.pick(RESTORING)
            : random.chance(0.1)
              ? {}
              : random.pick(TROUBLES)),
      // A database from before a pairing knows the login of the one before it.
      ...(!leaving && !restoring && putBack),
      ...(!failing && !restoring && !hooked && wipe),
      ...(vanishing && { vanish: 2 }),
      ...(hooked && { editMirror: 0 }),
      ...(sealed && { sealed: 8, crashMidway: 8 }),
      ...(lacking && { noDescriptors: 6, rescan: 2 }),
      ...(noRoom && { noRoom: 8, crashMidway: 4 }),
      ...(unreadable && { unreadable: 8, rescan: 2 }),
      ...(withPeople && { people: 10 }),
      // Power would take what nobody has flushed.
      ...((watched || handMade) && { editMaster: 12, power: 0 }),
      // By a clock that is set nobody can tell for how long a file has been quiet when its folder is read anew.
      ...(slowly && { writeSlowly: 16, clock: 0 }),
      // What people write themselves nobody flushes, and a full disk does not take.
      ...(drifting && { editMirror: 6, power: 0, diskFull: 0 }),
    },
    deeds: { ...deeds, ...(drifting && { drift: 4, decide: 4 }) },
    troubleMillis: random.between(400, 6_000),
    millis: random.between(15_000, 90_000),
  };
}

/** In a fifth of the seeds what is kept for 90 days, as the journal, is kept for seconds. */
function keepingOf(seed: string): KeepingPlan {
  const random = new SeededRandom(`keeping ${seed}`);
  if (!random.chance(0.2) || !knows(seed, 'keeping')) return {};
  return { day: random.pick([0.5, 2, 5, 20, 50, 200]) * 10, sweep: random.between(300, 8_000) };
}

function foldingOf(random: SeededRandom, mirrors: readonly MirrorPlan[]): Readonly<Record<string, NameRules>> {
  const names = [...mirrors.filter(() => random.chance(0.6)).map(({ name }) => name)];
  if (random.chance(0.3)) names.push('master');
  return Object.fromEntries(
    names.map((name) => [name, { caseInsensitive: true, realpathAsAsked: random.chance(0.5) }] as const),
  );
}

function normalisingOf(random: SeededRandom, mirrors: readonly MirrorPlan[]): Readonly<Record<string, NameRules>> {
  const names = ['master', ...mirrors.map(({ name }) => name)].filter(() => random.chance(0.6));
  return Object.fromEntries(
    names.map(
      (name) =>
        [name, { normalising: random.pick(['insensitive', 'nfd']), realpathAsAsked: random.chance(0.3) }] as const,
    ),
  );
}

function abilitiesOf(random: SeededRandom): Abilities {
  const features = ['HASH SHA-256*', 'REST STREAM', 'MFMT', 'MLST type*;size*;modify*;'];
  return { features: features.filter(() => random.chance(0.7)), replaces: random.chance(0.6) };
}
