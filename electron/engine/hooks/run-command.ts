import { type ChildProcess, spawn } from 'node:child_process';
import { platform } from 'node:process';
import { AppError } from '../../../shared/errors/app-error.ts';
import { systemCode } from '../tree/file-error.ts';

const SAID_MAX = 500;
/** What it has said last may come after its end; what it has started and left behind may hold the pipe for ever. */
const LAST_WORDS_MILLIS = 200;
/** Elsewhere `detached` would open a window. */
const HAS_GROUPS = platform !== 'win32';

/**
 * Starts a program without a shell, gives it `input`, and resolves when it ends with 0. Rejects `hook.command` with what it last
 * said; after the signal it is killed, on POSIX with all that it has started and that has not left its process group. What it leaves
 * running in the background is not waited for.
 */
export async function runCommand(command: readonly string[], input: string, signal: AbortSignal): Promise<void> {
  const [file = '', ...args] = command;
  const failed = (reason: string, error?: unknown): AppError =>
    new AppError('hook.command', { command: file, reason }, error);
  const child = start();
  const killAll = (): void => killGroup(child);
  signal.addEventListener('abort', killAll);
  let said = '';
  // Where no descriptor is free there are no pipes, and `error` tells why.
  const { stdin, stderr }: Partial<typeof child> = child;
  stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID_MAX);
  });
  // A program that does not read what it is told closes the pipe: that is its business.
  stdin?.on('error', () => undefined);
  stdin?.end(input);
  const code = await new Promise<number | string>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(failed(signal.aborted ? 'it took too long' : (error.code ?? error.message), error));
    });
    child.once('exit', (exit, by) => {
      const end = (): void => resolve(exit ?? by ?? 'unknown');
      const timer = setTimeout(end, LAST_WORDS_MILLIS);
      child.once('close', () => {
        clearTimeout(timer);
        end();
      });
    });
  }).finally(() => {
    signal.removeEventListener('abort', killAll);
    stderr?.destroy();
  });
  if (code === 0) return;
  const last = said.trim().split('\n').at(-1) ?? '';
  throw failed(last === '' ? `it ended with ${code}` : `it ended with ${code}: ${last}`);

  function start() {
    try {
      return spawn(file, args, {
        stdio: ['pipe', 'ignore', 'pipe'],
        shell: false,
        detached: HAS_GROUPS,
        signal,
        killSignal: 'SIGKILL',
      });
    } catch (error) {
      // Of most of what can be wrong with a name the child tells; of the rest Node itself, at once.
      throw failed(systemCode(error) ?? 'it cannot be started', error);
    }
  }
}

/** The program leads a process group of its own: a shell's `sleep` does not outlive the shell. */
function killGroup({ pid }: ChildProcess): void {
  if (!HAS_GROUPS || pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended by itself.
  }
}
