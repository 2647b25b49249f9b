import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Status, status as statusSchema } from '../../shared/contract/status.ts';
import { freePort } from './free-port.ts';
import { lockstep, type Outcome, type RunningLockstep, runLockstep } from './lockstep.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { readTree } from './tree.ts';

const IN_STEP_SECONDS = Number(process.env['LOCKSTEP_IN_STEP_SECONDS'] ?? 120);

export const USER = 'editor';
export const PASSWORD = 'a pass word: 日本 "%"';

/** An install as a user has it: a data folder, a folder with files, and a process. */
export class Install {
  readonly name: string;
  readonly dataDir: string;
  /** The site's folder, or where it is followed. */
  readonly root: string;
  process: RunningLockstep | undefined;

  constructor(name: string, folder: string) {
    this.name = name;
    this.dataDir = join(folder, `${name} データ`);
    this.root = join(folder, `${name} サイト`);
  }

  /** A command line on this install, whatever comes of it. */
  run(words: string, args: readonly string[] = [], input = ''): Promise<Outcome> {
    return lockstep([...words.split(' '), ...args, '--data', this.dataDir], { input });
  }

  /** A command line that has to succeed. Resolves what it printed. */
  async must(words: string, args: readonly string[] = [], input = ''): Promise<string> {
    // The minute that it waits by itself is one of a quiet machine.
    const patient =
      words === 'wait' && !args.includes('--timeout') ? [...args, '--timeout', `${IN_STEP_SECONDS}s`] : args;
    const outcome = await this.run(words, patient, input);
    if (outcome.code !== 0)
      throw new Error(`lockstep ${words} ${args.join(' ')} exits ${outcome.code}: ${outcome.err}`);
    return outcome.out.trim();
  }

  async status(): Promise<Status> {
    return statusSchema.parse(JSON.parse(await this.must('status', ['--json'])));
  }

  async start(): Promise<void> {
    this.process = await runLockstep(this.dataDir);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.process?.end(signal);
    this.process = undefined;
  }

  tree(): Promise<Record<string, string>> {
    return readTree(this.root);
  }
}

export interface Network {
  readonly folder: string;
  readonly master: Install;
  /** Dials its master. */
  readonly tokyo: Install;
  /** Is dialled by its master. */
  readonly osaka: Install;
  readonly ftpPort: number;
  readonly linkPort: number;
  /** Waits until both mirrors are in step, and compares every file with the master's: content and time. */
  inStep(): Promise<void>;
}

/**
 * A master and two mirrors, set up and run by the command line as a user would, in folders with names that are not plain.
 * `address`: where tokyo reaches its master, if not directly.
 */
export async function startNetwork(
  options: { plain?: boolean; address?: (linkPort: number) => Promise<string> } = {},
): Promise<Network> {
  const folder = await temporaryFolder();
  const [ftpPort, linkPort, osakaPort] = [await freePort(), await freePort(), await freePort()];
  const [master, tokyo, osaka] = ['origin', 'tokyo', 'osaka'].map((name) => new Install(name, folder)) as [
    Install,
    Install,
    Install,
  ];
  await mkdir(master.root);
  const listen = ['--ftp', `127.0.0.1:${ftpPort}`, '--link', `127.0.0.1:${linkPort}`];
  await Promise.all([
    master.must('init', ['--role', 'master', '--name', 'origin', ...listen, ...(options.plain ? ['--plain-ftp'] : [])]),
    tokyo.must('init', ['--role', 'mirror', '--name', 'tokyo']),
    osaka.must('init', ['--role', 'mirror', '--name', 'osaka', '--link', `127.0.0.1:${osakaPort}`]),
  ]);
  await master.must('site add', ['www', master.root]);
  await master.must('account add', [USER, '--site', 'www', '--password-stdin'], `${PASSWORD}\n`);
  await master.start();
  const address = await options.address?.(linkPort);
  const [forTokyo, forOsaka] = await Promise.all([
    master.must('invite', address === undefined ? [] : ['--address', address]),
    master.must('invite'),
  ]);
  await Promise.all([
    tokyo.must('join', [forTokyo, '--root', tokyo.root]),
    osaka.must('join', [forOsaka, '--root', osaka.root, '--dial', 'master']),
  ]);
  await Promise.all([tokyo.start(), osaka.start()]);
  return {
    folder,
    master,
    tokyo,
    osaka,
    ftpPort,
    linkPort,
    inStep: async () => {
      const waited = await master.run('wait', ['--timeout', `${IN_STEP_SECONDS}s`]);
      const waiting =
        waited.code === 0 ? '' : await Promise.all([tokyo, osaka].map((each) => each.run('waiting list')));
      expect(waited, `${waited.err}${JSON.stringify(waiting)}`).toMatchObject({ code: 0 });
      const tree = await master.tree();
      expect(await tokyo.tree()).toEqual(tree);
      expect(await osaka.tree()).toEqual(tree);
    },
  };
}
