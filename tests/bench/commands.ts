import { command } from './command.ts';

/** The process that `Commands` speaks with: one command line after the other, or side by side, each by its number. */
process.on('message', (message: unknown) => {
  const { id, dataDir, args } = message as { id: number; dataDir: string; args: string[] };
  command(dataDir, ...args).then(
    (out) => process.send?.({ id, out }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
