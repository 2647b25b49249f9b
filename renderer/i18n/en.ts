import { desktopSettings } from './desktop.en.ts';
import { frame, palette } from './frame.en.ts';
import { firstStart } from './first-start.en.ts';
import { checks } from './checks.en.ts';
import { historyScreen } from './history.en.ts';
import { log } from './log.en.ts';
import { map } from './map.en.ts';
import { mirrorsScreen } from './mirrors.en.ts';
import { pairing } from './pairing.en.ts';
import { peerPage } from './peer.en.ts';
import { routes } from './routes.en.ts';
import { publish } from './publish.en.ts';
import { score } from './score.en.ts';
import { settingsScreen } from './settings.en.ts';
import { site } from './site.en.ts';
import { together } from './together.en.ts';

/** The English texts, and with them the shape of every language's. Parts that vary are functions: grammar is code. */
const count = (n: string, value: number, one: string, many: string): string => `${n} ${value === 1 ? one : many}`;

export const en = {
  languageName: 'English',
  nav: {
    screens: {
      overview: 'Overview',
      publish: 'Publish',
      site: 'Site',
      mirrors: 'Mirrors',
      together: 'Together',
      history: 'History',
      log: 'Log',
      settings: 'Settings',
    },
    master: 'Master',
    label: 'Parts of the interface',
    site: 'Site',
    skip: 'To the content',
    needed: (n: number) => (n === 1 ? 'waits for a person' : 'wait for a person'),
  },
  palette,
  frame,
  role: { master: 'Master', mirror: 'Mirror' },
  state: {
    'in-step': 'in step',
    working: 'working',
    waiting: 'waiting',
    held: 'held',
    failing: 'failing',
    away: 'away',
    paused: 'paused',
    'given-up': 'given up',
    unknown: 'not seen yet',
  },
  headline: {
    allInStep: (n: number) =>
      n === 1 ? 'The mirror is in step' : n === 2 ? 'Both mirrors are in step' : `All ${n} mirrors are in step`,
    someInStep: (inStep: number, all: number) =>
      all === 1 ? 'The mirror is not in step' : `${inStep} of ${all} mirrors ${inStep === 1 ? 'is' : 'are'} in step`,
    withMaster: (master: string) => `In step with ${master}`,
    catchingUp: (master: string) => `Catching up with ${master}`,
    behindMaster: (master: string) => `Behind ${master}`,
    masterAway: (master: string) => `${master} is not connected`,
    noMirrors: 'No mirrors yet',
    stopped: (site: string) => `${site} stands still: its folder cannot be used`,
    noSite: 'No site yet',
    noSiteHere: 'There is no site here yet.',
    begin: 'Begin on the overview',
  },
  facts: {
    head: (seq: string) => `change ${seq}`,
    files: (n: string, value: number) => count(n, value, 'file', 'files'),
    lastChange: (ago: string) => `last change ${ago}`,
    noChange: 'nothing has changed yet',
  },
  mirrors: {
    title: 'Mirrors',
    master: 'Master',
    all: (n: string) => `All ${n} mirrors`,
    published: (published: string, head: string) => `${published} of ${head}`,
    publishedLabel: 'Published',
    upToDate: 'has everything',
    onTheWay: (n: string, value: number) => `${count(n, value, 'change', 'changes')} on the way`,
    failing: (n: string, value: number) => `${count(n, value, 'change', 'changes')} cannot be fetched`,
    held: (n: string, value: number) => `${count(n, value, 'change waits', 'changes wait')} for a person`,
    waiting: (n: string, value: number) =>
      `${count(n, value, 'change waits', 'changes wait')} for what belongs together`,
    drifted: (n: string, value: number) => `${count(n, value, 'file was', 'files were')} changed by others`,
    lastSeen: (ago: string) => `last answered ${ago}`,
    neverSeen: 'has not connected yet',
    behindBy: (n: string, value: number) => `${count(n, value, 'change', 'changes')} behind`,
    screen: mirrorsScreen,
  },
  noMirrors: {
    explain: 'A mirror follows this site after it was given a pairing code. Make one here, and enter it at the mirror.',
    make: 'Make a pairing code',
    codeLabel: 'Pairing code',
    enter: 'At the other machine, choose “Mirror” in the app and paste it, or type:',
    expires: (time: string) => `It can be used once, until ${time}.`,
    another: 'Another mirror',
  },
  together,
  map,
  score,
  history: {
    title: 'Recent changes',
    time: 'Time',
    change: 'Change',
    path: 'Path',
    size: 'Size',
    reached: 'Reached',
    empty: 'Changes appear here as they are uploaded.',
    op: {
      put: 'put',
      delete: 'deleted',
      rename: 'renamed',
      mkdir: 'new folder',
      rmdir: 'folder removed',
      aborted: 'broken off',
    },
    after: (duration: string) => `after ${duration}`,
    reachedAll: (n: number) => (n === 1 ? 'the mirror' : n === 2 ? 'both mirrors' : `all ${n} mirrors`),
    reachedSome: (n: number, all: number) => `${n} of ${all} mirrors`,
    here: 'here',
    screen: historyScreen,
  },
  waiting: {
    title: 'Needs a person',
    nothing: 'Nothing. What is on its way goes on by itself.',
    since: (time: string) => `since ${time}`,
    others: (n: string, value: number) => `${count(n, value, 'more waits', 'more wait')} →`,
    elsewhere: (n: string, value: number) =>
      `At other sites ${count(n, value, 'thing needs', 'things need')} a person →`,
  },
  peer: peerPage,
  pairing,
  routes,
  checks,
  publish,
  site,
  log,
  settings: {
    title: 'Settings',
    desktop: desktopSettings,
    screen: settingsScreen,
    appearance: 'Appearance',
    theme: { system: 'As the system', light: 'Light', dark: 'Dark' },
    themeLabel: 'Light or dark',
    languageLabel: 'Language',
    languageNote: 'Names and messages of other programs stay as they are.',
    install: 'This install',
    name: 'Name',
    role: 'Role',
    version: 'Version',
    process: 'Process',
    fingerprint: 'Fingerprint',
    fingerprintNote:
      'By this the other installs know this one. Compare it when somebody asks who they are paired with.',
    listeners: 'Where it listens',
    closed: 'not open',
    files: (n: string, value: number) => count(n, value, 'file', 'files'),
  },
  uploads: {
    title: 'Uploads',
    tls: { required: 'FTP with TLS', optional: 'FTP, with or without TLS' },
    closed: 'The FTP server is not open. The log says why.',
    nobody: 'Nobody can upload yet. Make an account for whoever is to, or for a program.',
    accounts: (users: string) => `These can upload: ${users}`,
    user: 'Name of an account',
    add: 'Make an account',
    password: 'Password',
    made: (user: string) => `${user} can upload with this password. It is shown only now.`,
  },
  dialog: { cancel: 'Cancel', save: 'Save', close: 'Close' },
  asking: 'Looking…',
  pattern: (problem: string) => `The pattern ${problem}.`,
  copy: { copy: 'Copy', done: 'Copied' },
  firstStart,
  engine: {
    connecting: 'Connecting to the engine…',
    starting: 'The engine is starting.',
    lost: (clock: string) => `The engine has not answered since ${clock}. What you see is what was known then.`,
    silent: (ago: string) => `The engine last answered ${ago}. What you see may be older than that.`,
    retryIn: (duration: string) => `Next try in ${duration}.`,
    retrying: 'Trying again.',
    configFault: 'What config.json says now is not in force, what it said before is.',
    listenFault: 'Not everything listens where config.json says: what cannot stays where it was.',
    failed: 'The engine did not start',
    retry: 'Try again',
    deniedTitle: 'This page is not let in',
    denied: 'The key in the address is another one after each start. Open the address that “lockstep console” prints.',
    crashed: 'This view broke. The engine and its transfers go on.',
    reload: 'Load it again',
  },
  code: 'Code',
} as const satisfies Tree;

interface Tree {
  readonly [key: string]: string | ((...args: never[]) => string) | Tree;
}

type Texts<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : { readonly [K in keyof T]: Texts<T[K]> };

export type Messages = Texts<typeof en>;
