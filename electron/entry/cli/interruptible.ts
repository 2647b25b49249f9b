import { EXIT } from './command.ts';

/** Does what may take long: a first Ctrl-C is only noted, for `work` to see to, a second one leaves at once. */
export async function interruptible<T>(work: (isInterrupted: () => boolean) => Promise<T>): Promise<T> {
  let interrupted = false;
  const interrupt = (): void => {
    if (interrupted) process.exit(EXIT.failed);
    interrupted = true;
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    return await work(() => interrupted);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}
