import type { Io } from './command.ts';

export function processIo(): Io {
  const { env, stdin, stdout, stderr } = process;
  return {
    out: (line) => void stdout.write(`${line}\n`),
    err: (line) => void stderr.write(`${line}\n`),
    ...(stderr.isTTY && {
      progress: (line) => void stderr.write(`\r\u001b[K${line.slice(0, (stderr.columns ?? 80) - 1)}`),
    }),
    stdin,
    outIsTerminal: stdout.isTTY ?? false,
    errIsTerminal: stderr.isTTY ?? false,
    env,
    // npm runs a script in the package's folder: `npm run lockstep -- site add www ./site` means the caller's.
    cwd: (env['npm_lifecycle_event'] === 'lockstep' && env['INIT_CWD']) || process.cwd(),
    now: () => Date.now(),
  };
}
