import { main } from '../../electron/entry/cli/main.ts';

/**
 * One command of the command line on a data folder, without a process of its own: where many installs are set up, processes that
 * start take longer than all that they do. Resolves what it printed; rejects with what it complained of.
 */
export async function command(dataDir: string, ...args: string[]): Promise<string> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main([...args, '--data', dataDir], {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    stdin: process.stdin,
    outIsTerminal: false,
    errIsTerminal: false,
    env: process.env,
    cwd: process.cwd(),
    now: () => Date.now(),
  });
  if (code !== 0) throw new Error(`lockstep ${args[0]} (${dataDir}): ${err.join(' ') || `exit ${code}`}`);
  return out.join('\n').trim();
}
