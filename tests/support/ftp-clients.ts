import { execFile, spawnSync } from 'node:child_process';
import { PATIENCE_MILLIS } from './until.ts';

/** Real FTP clients that tests run where they are installed. */
export type ClientName = 'curl' | 'lftp' | 'ncftpput' | 'rclone' | 'wput' | 'python3';

const seen = new Map<ClientName, boolean>();

/** False, with a line that says so, where the client is not installed. */
export function hasClient(name: ClientName): boolean {
  const known = seen.get(name);
  if (known !== undefined) return known;
  const { error } = spawnSync(name, ['--version'], { stdio: 'ignore' });
  seen.set(name, error === undefined);
  if (error) process.stderr.write(`${name} is not installed: its tests are left out\n`);
  return error === undefined;
}

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs a client to its end; it is killed when it hangs. Output is stdout and stderr together. */
export function run(
  name: ClientName,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      name,
      args,
      {
        timeout: PATIENCE_MILLIS,
        maxBuffer: 64 * 1024 * 1024,
        cwd: options.cwd,
        env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 255;
        resolve({ code, output: `${stdout}${stderr}` });
      },
    );
  });
}
