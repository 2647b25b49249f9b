import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from 'basic-ftp';
import { freePort } from '../free-port.ts';
import { Install } from './install.ts';
import { connectPublisher, put } from './publisher.ts';
import { report, type StepResult } from './report.ts';
import { articlePage, frontPage, restyled, sampleSite } from './sample-site.ts';
import { differences, whenVisible } from './visible.ts';

const VISIBLE_MILLIS = 60_000;

interface Mirror extends Install {
  readonly root: string;
}

interface Options {
  readonly once: boolean;
  /** The Electron in which the master goes on at the end; absent: without a window. */
  readonly app: string | undefined;
  readonly say: (line: string) => void;
  readonly ended: Promise<void>;
}

/**
 * A master and two mirrors on this machine, made and run by the command line, and a sample site that is published,
 * changed, renamed and deleted over FTP with TLS. Resolves the exit code: 1 where a mirror does not hold what it should.
 */
export async function demo(options: Options): Promise<number> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'lockstep-demo-'));
  const installs: Install[] = [];
  const over = new AbortController();
  const kill = (): void => installs.forEach((install) => install.kill());
  process.on('exit', kill);
  const performing = perform({ folder, installs, signal: over.signal }, options);
  try {
    return await Promise.race([performing, options.ended.then(() => 0)]);
  } finally {
    over.abort();
    await Promise.all(installs.map((install) => install.stop()));
    // Without its installs it fails at its next step, and may have been about to make another file.
    await performing.catch(() => undefined);
    process.off('exit', kill);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function localPort(): Promise<string> {
  return `127.0.0.1:${await freePort(0)}`;
}

/** What is to be put away at the end. */
interface Stage {
  readonly folder: string;
  readonly installs: Install[];
  readonly signal: AbortSignal;
}

async function perform(stage: Stage, { once: onlyOnce, app, say, ended }: Options): Promise<number> {
  say(`Lockstep demo: a master and two mirrors on this machine, in ${stage.folder}`);
  say('');
  const { master, masterRoot, password } = await setUpMaster(stage);
  const mirrors = await Promise.all(['osaka', 'berlin'].map((name) => setUpMirror(name, master, stage)));
  await master.lockstep('wait', '--timeout', '60s');
  const { node, listeners } = await master.status();
  if (!listeners.ftp) throw new Error('The master has no FTP server.');
  const login = { host: '127.0.0.1', port: listeners.ftp.port, user: 'demo', password };
  say(`  tokyo   master of ${masterRoot}, FTP at 127.0.0.1:${login.port} (TLS)`);
  for (const mirror of mirrors) say(`  ${mirror.name.padEnd(6)}  mirror into ${mirror.root}`);
  say('');

  const client = await connectPublisher({ ...login, fingerprint: node.id });
  try {
    const steps = await publishAndChange(client, mirrors, stage.signal);
    say(
      'From the 226 of the upload to the whole file visible at the mirror (half of the changes within / the slowest):',
    );
    say('');
    for (const line of report(
      steps.results,
      mirrors.map(({ name }) => name),
    ))
      say(`  ${line}`);
    say('');
    await master.lockstep('wait', '--timeout', '60s');
    const wrong = await compareAll(steps.tree, [{ name: 'tokyo', root: masterRoot }, ...mirrors]);
    if (wrong.length > 0) {
      for (const line of wrong) say(`  ▲ ${line}`);
      return 1;
    }
    say(`● Both mirrors hold the same ${steps.tree.size} files as the master, byte by byte.`);
  } finally {
    client.close();
  }
  if (!onlyOnce) {
    await invitePerson(say, app === undefined ? [master, ...mirrors] : mirrors, { master, mirrors, login });
    if (app === undefined) await ended;
    else await Promise.race([ended, goOnInApp(app, master, stage.signal)]);
    say('Stopping.');
  }
  return 0;
}

async function setUpMaster({
  folder,
  installs,
  signal,
}: Stage): Promise<{ master: Install; masterRoot: string; password: string }> {
  const master = new Install('tokyo', join(folder, 'tokyo', 'data'), signal);
  const masterRoot = join(folder, 'tokyo', 'www');
  installs.push(master);
  await mkdir(masterRoot, { recursive: true });
  // Ports that stay: the mirrors find it again when it goes on in the app.
  const [ftp, link] = await Promise.all([localPort(), localPort()]);
  await master.lockstep('init', '--role', 'master', '--name', 'tokyo', '--ftp', ftp, '--link', link);
  await master.lockstep('site', 'add', 'www', masterRoot);
  const account = JSON.parse(await master.lockstep('account', 'add', 'demo', '--site', 'www', '--json')) as {
    password: string;
  };
  await master.run();
  return { master, masterRoot, password: account.password };
}

async function setUpMirror(name: string, master: Install, { folder, installs, signal }: Stage): Promise<Mirror> {
  const root = join(folder, name, 'www');
  const mirror = Object.assign(new Install(name, join(folder, name, 'data'), signal), { root });
  installs.push(mirror);
  await mkdir(root, { recursive: true });
  await mirror.lockstep('init', '--role', 'mirror', '--name', name);
  await mirror.lockstep('join', await master.lockstep('invite'), '--root', root);
  await mirror.run();
  return mirror;
}

/** Publishes the sample site, then changes, renames and deletes parts of it; waits for each step at every mirror. */
async function publishAndChange(
  client: Client,
  mirrors: readonly Mirror[],
  signal: AbortSignal,
): Promise<{ results: StepResult[]; tree: Map<string, Buffer> }> {
  const tree = new Map(sampleSite());
  const results: StepResult[] = [];
  const step = async (title: string, changes: readonly Change[], as?: 'release'): Promise<void> => {
    results.push(await timed({ title, changes, as }, { client, mirrors, signal }));
  };

  for (const name of ['style', 'img', 'articles', 'downloads', 'log']) await client.send(`MKD ${name}`);
  await step(
    'publish the site',
    [...tree].map(([path, content]) => ({ kind: 'put', path, content })),
  );

  const changed = Buffer.from(articlePage('names', 'Names', 'Changed a moment ago.'));
  tree.set('articles/names.html', changed);
  await step('change one page', [{ kind: 'put', path: 'articles/names.html', content: changed }]);

  const pages = Array.from(
    { length: 100 },
    (_, index) => [`log/day-${index + 1}.html`, Buffer.from(`<p>Day ${index + 1}</p>\n`)] as const,
  );
  for (const [path, content] of pages) tree.set(path, content);
  await step(
    'a hundred small pages',
    pages.map(([path, content]) => ({ kind: 'put', path, content })),
  );

  const large = tree.get('downloads/recording.bin') ?? Buffer.alloc(0);
  tree.delete('downloads/recording.bin');
  tree.set('downloads/recording-2026.bin', large);
  const front = Buffer.from(frontPage('downloads/recording-2026.bin'));
  tree.set('index.html', front);
  const rename = {
    kind: 'rename',
    from: 'downloads/recording.bin',
    path: 'downloads/recording-2026.bin',
    content: large,
  } as const;
  // The mirrors keep the old name until no page links to it any more.
  await step('rename the 20 MB file', [rename, { kind: 'put', path: 'index.html', content: front }]);

  const spring = restyled();
  for (const [path, content] of spring) tree.set(path, content);
  await step(
    'a release: all in one moment',
    [...spring].map(([path, content]) => ({ kind: 'put', path, content })),
    'release',
  );

  tree.delete('img/写真 1.png');
  await step('delete one image', [{ kind: 'delete', path: 'img/写真 1.png' }]);
  return { results, tree };
}

type Change =
  | { readonly kind: 'put'; readonly path: string; readonly content: Buffer }
  | { readonly kind: 'rename'; readonly from: string; readonly path: string; readonly content: Buffer }
  | { readonly kind: 'delete'; readonly path: string };

interface Step {
  readonly title: string;
  readonly changes: readonly Change[];
  readonly as: 'release' | undefined;
}

interface Audience {
  readonly client: Client;
  readonly mirrors: readonly Mirror[];
  readonly signal: AbortSignal;
}

async function timed({ title, changes, as }: Step, { client, mirrors, signal }: Audience): Promise<StepResult> {
  const delays = new Map(mirrors.map(({ name }) => [name, [] as number[]]));
  const outOfTime = AbortSignal.timeout(VISIBLE_MILLIS);
  const giveUp = AbortSignal.any([outOfTime, signal]);
  const watches: Promise<unknown>[] = [];
  let release: Promise<number> | undefined;
  let commit: (at: number) => void = () => undefined;
  if (as === 'release') {
    await client.send(`SITE RELEASE BEGIN ${title}`);
    release = new Promise((resolve) => (commit = resolve));
  }
  for (const change of changes) {
    // Watched from before the upload, so that no mirror is met late.
    const seen = mirrors.map(({ name, root }) => ({
      name,
      at: whenVisible(root, change.path, change.kind === 'delete' ? undefined : change.content, giveUp),
    }));
    const uploaded = apply(client, change);
    for (const { name, at } of seen) {
      const watch = Promise.all([at, release ?? uploaded]).then(([moment, from]) =>
        delays.get(name)?.push(Math.max(0, moment - from)),
      );
      // One that fails while a later change is put there is told of by all of them, below.
      watch.catch(() => undefined);
      watches.push(watch);
    }
    await uploaded;
  }
  if (release) {
    await client.send('SITE RELEASE COMMIT');
    commit(performance.now());
  }
  await Promise.all(watches).catch((error: unknown) => {
    if (outOfTime.aborted) throw new Error(`“${title}” is not visible everywhere after ${VISIBLE_MILLIS / 1000} s.`);
    throw error;
  });
  const size = changes.reduce((sum, change) => sum + (change.kind === 'put' ? change.content.length : 0), 0);
  return { title, files: changes.length, size, delays };
}

/** Resolves when the server has confirmed the change. */
async function apply(client: Client, change: Change): Promise<number> {
  switch (change.kind) {
    case 'put':
      return put(client, change.path, change.content);
    case 'rename':
      await client.rename(change.from, change.path);
      return performance.now();
    case 'delete':
      await client.remove(change.path);
      return performance.now();
  }
}

async function compareAll(
  tree: ReadonlyMap<string, Buffer>,
  places: readonly { name: string; root: string }[],
): Promise<string[]> {
  const lists = await Promise.all(
    places.map(async ({ name, root }) => (await differences(root, tree)).map((line) => `${name}: ${line}`)),
  );
  return lists.flat();
}

interface Invitation {
  readonly master: Install;
  readonly mirrors: readonly Mirror[];
  readonly login: { readonly host: string; readonly port: number; readonly user: string; readonly password: string };
}

/** `consoles`: those whose interface opens in a browser; a master that is not among them opens in the app. */
async function invitePerson(
  say: (line: string) => void,
  consoles: readonly Install[],
  { master, mirrors, login }: Invitation,
): Promise<void> {
  say('');
  say('Put a file there by hand, and look at both mirrors:');
  say('');
  const certificate = join(master.dataDir, 'identity', 'cert.pem');
  const place = `ftp://${login.host}:${login.port}/`;
  say(`  curl --ssl-reqd --cacert ${certificate} -u ${login.user}:${login.password} -T README.md ${place}`);
  say(`  ls ${mirrors.map(({ root }) => root).join(' ')}`);
  say('');
  say('The interface, in a browser (each certificate is its own, so the browser asks first):');
  say('');
  for (const install of consoles) say(`  ${install.name.padEnd(6)}  ${await install.lockstep('console')}`);
  say('');
  if (!consoles.includes(master)) {
    say('The master goes on in the app, whose window opens now. Quitting the app ends the demo too.');
    say('');
  }
  say('Ctrl-C ends it and removes everything.');
}

/** The same install, its engine run by the desktop app. Resolves when the person has quit that. */
async function goOnInApp(electron: string, master: Install, signal: AbortSignal): Promise<void> {
  await master.stop();
  const checkout = fileURLToPath(new URL('../../..', import.meta.url));
  const child = spawn(electron, [checkout, `--user-data-dir=${master.dataDir}`], { stdio: 'ignore' });
  const closed = once(child, 'close');
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  await closed;
  signal.removeEventListener('abort', stop);
}
