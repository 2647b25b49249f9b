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
    label: 'Main navigation',
    site: 'Site',
    skip: 'Skip to content',
    needed: (n: number) => (n === 1 ? 'needs attention' : 'need attention'),
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
    stopped: (site: string) => `${site} has stopped: its folder cannot be used`,
    noSite: 'No site yet',
    noSiteHere: 'There is no site here yet.',
    begin: 'Start on the overview',
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
    held: (n: string, value: number) => `${count(n, value, 'change needs', 'changes need')} attention`,
    waiting: (n: string, value: number) => `${count(n, value, 'change waits', 'changes wait')} for related files`,
    drifted: (n: string, value: number) => `${count(n, value, 'file was', 'files were')} changed by others`,
    lastSeen: (ago: string) => `last answered ${ago}`,
    neverSeen: 'has not connected yet',
    behindBy: (n: string, value: number) => `${count(n, value, 'change', 'changes')} behind`,
    screen: mirrorsScreen,
  },
  noMirrors: {
    explain: 'To add a mirror, make a pairing code here and enter it on the other machine.',
    make: 'Make a pairing code',
    codeLabel: 'Pairing code',
    enter: 'On the other machine, choose “Mirror” in the app and paste the code, or type:',
    expires: (time: string) => `Good once, until ${time}.`,
    another: 'Add a mirror',
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
    title: 'Needs attention',
    nothing: 'Nothing. What is on its way arrives by itself.',
    since: (time: string) => `since ${time}`,
    others: (n: string, _value: number) => `${n} more waiting →`,
    elsewhere: (n: string, value: number) =>
      `Other sites: ${count(n, value, 'thing needs', 'things need')} attention →`,
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
    index: 'Sections',
    desktop: desktopSettings,
    screen: settingsScreen,
    appearance: 'Appearance',
    theme: { system: 'Match the system', light: 'Light', dark: 'Dark' },
    themeLabel: 'Theme',
    languageLabel: 'Language',
    languageNote: 'Names, and messages from other programs, are not translated.',
    install: 'This install',
    name: 'Name',
    role: 'Role',
    version: 'Version',
    process: 'Process',
    fingerprint: 'Fingerprint',
    fingerprintNote: 'Other installs know this one by it. Compare it to be sure who is paired with whom.',
    listeners: 'Listening on',
    closed: 'not open',
    files: (n: string, value: number) => count(n, value, 'file', 'files'),
  },
  uploads: {
    title: 'Uploads',
    tls: { required: 'FTP with TLS', optional: 'FTP, with or without TLS' },
    closed: 'The FTP server is not open. The log says why.',
    nobody: 'Nobody can upload yet. Make an account for a person or a program.',
    accounts: (users: string) => `Can upload: ${users}`,
    user: 'Account name',
    add: 'Make an account',
    password: 'Password',
    made: (user: string) => `${user} can upload with this password. It is shown only once.`,
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
    configFault: 'config.json cannot be used as it is now. The settings from before stay in force.',
    listenFault: 'Not everything can listen where config.json says. What cannot stays where it was.',
    failed: 'The engine did not start',
    retry: 'Try again',
    deniedTitle: 'This page has no access',
    denied: 'The key in the address changes at each start. Open the address that “lockstep console” prints.',
    crashed: 'This view crashed. The engine and its transfers keep running.',
    reload: 'Reload',
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
