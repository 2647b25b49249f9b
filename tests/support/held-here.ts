import { basename } from 'node:path';

/** How it is said that this process holds a port: elsewhere than on Linux nobody tells without the rights of root. */
export function heldHere(port: number): string {
  const mend = 'Stop that program, or set another port in config.json';
  if (process.platform === 'linux') return `“${basename(process.execPath)}” (process ${process.pid}). ${mend}.`;
  const find =
    process.platform === 'win32' ? `netstat -ano | findstr :${port}` : `sudo lsof -nP -iTCP:${port} -sTCP:LISTEN`;
  return `another program. ${mend}; “${find}” tells which it is.`;
}
