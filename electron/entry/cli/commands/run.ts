import { join } from 'node:path';
import type { Status } from '../../../../shared/contract/status.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { urlHost } from '../../../engine/console/address.ts';
import type { RunFile } from '../../../engine/console/run-file.ts';
import { readConfig } from '../../../engine/config/config-file.ts';
import { answer, command, EXIT, jsonOption } from '../command.ts';
import { findRunning, openWhenFree } from '../reach.ts';
import { dataFolder, parseChoice } from '../values.ts';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export const run = command({
  words: 'run',
  summary: 'run this install until SIGTERM or Ctrl-C',
  options: {
    log: {
      type: 'string',
      value: LOG_LEVELS.join('|'),
      help: 'what to log to standard error, as JSON (default warn)',
    },
  },
  notes: ['Prints one line once it is ready.'],
  async run({ values }, io) {
    const level = parseChoice('--log', values.log ?? 'warn', LOG_LEVELS);
    const dataDir = dataFolder(values.data, io);
    const { node } = await readConfig(dataDir);
    const other = await findRunning(dataDir);
    if (other) throw new AppError('node.running', { pid: other.pid });
    const stop = stopSignal();
    const [{ createEngine }, { servicePorts }] = await Promise.all([
      import('../../../engine/engine.ts'),
      import('../ports.ts'),
    ]);
    const engine = await openWhenFree(dataDir, () =>
      createEngine(servicePorts(level, dataDir), dataDir, { staticDir: interfaceFolder() }),
    );
    if ('port' in engine) throw new AppError('node.running', { pid: engine.pid });
    try {
      const signIn = io.outIsTerminal ? await findRunning(dataDir) : undefined;
      io.out(readyLine(node, engine.listeners(), signIn));
      await stop;
    } finally {
      await engine.stop();
    }
    return EXIT.done;
  },
});

export const consoleAddress = command({
  words: 'console',
  summary: 'print the address that opens the interface in a browser',
  options: jsonOption,
  notes: ['Whoever has the address can get in until the next start: keep it secret.'],
  async run({ values }, io) {
    const running = await findRunning(dataFolder(values.data, io));
    if (!running) throw new AppError('node.not-running');
    return answer(io, values, { url: signInUrl(running) }, () => signInUrl(running));
  },
});

/** The built interface: of the checkout, or beside the bundled command line. */
function interfaceFolder(): string {
  const { filename, dirname } = import.meta;
  return filename.endsWith('.ts')
    ? join(dirname, '..', '..', '..', '..', 'out', 'renderer')
    : join(dirname, '..', 'renderer');
}

/** The token stands in the fragment, which a browser keeps to itself. */
function signInUrl({ host, port, token }: RunFile): string {
  return `https://${urlHost(host)}:${port}/#token=${token}`;
}

/** The token is shown to a person only: a line that goes elsewhere ends up in a log. */
function readyLine(
  node: Status['node'] | { name: string; role: string },
  listeners: Status['listeners'],
  signIn?: RunFile,
): string {
  const { ftp, link } = listeners;
  const console = signIn ? signInUrl(signIn) : listeners.console?.url.replace(/#.*$/s, '');
  const places = [
    ...(ftp ? [`FTP ${ftp.host}:${ftp.port}`] : []),
    ...(link ? [`link ${link.host}:${link.port}`] : []),
    ...(console ? [`console ${console}`] : []),
  ];
  return `${node.name} (${node.role}) is ready: ${places.join(', ') || 'no listeners'}`;
}

/**
 * Resolves at the first signal to stop. A person who asks a second time does not want to wait: the process ends at once.
 * What comes right after the first is the same Ctrl-C, passed on by npm as well.
 */
function stopSignal(): Promise<void> {
  const SAME_SIGNAL_MILLIS = 1_000;
  return new Promise((resolve) => {
    let first: number | undefined;
    const onSignal = (): void => {
      first ??= performance.now();
      if (performance.now() - first > SAME_SIGNAL_MILLIS) process.exit(EXIT.failed);
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
