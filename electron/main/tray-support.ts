import { execFile } from 'node:child_process';

const WATCHER = 'org.kde.StatusNotifierWatcher';
const ASK_MILLIS = 2_000;

/** Runs a program; resolves what it printed, or rejects. */
export type Run = (command: string, args: readonly string[]) => Promise<string>;

/**
 * Whether a mark in the tray will be seen. macOS and Windows have a place for it. On Linux somebody must watch for such marks
 * on the session's bus; GNOME for one does only with an extension. What cannot be found out counts as no.
 */
export async function canShowTray(platform: NodeJS.Platform, run: Run = runProgram): Promise<boolean> {
  if (platform === 'darwin' || platform === 'win32') return true;
  for (const [command, args] of questions) {
    try {
      return /\btrue\b/.test(await run(command, args));
    } catch {
      // That program is not here, or there is no bus: the next one may say.
    }
  }
  return false;
}

const BUS = 'org.freedesktop.DBus';
/** The same question to the session's bus: is there a watcher? */
const questions: readonly (readonly [command: string, args: readonly string[]])[] = [
  ['gdbus', ['call', '--session', '--dest', BUS, '--object-path', '/', '--method', `${BUS}.NameHasOwner`, WATCHER]],
  ['dbus-send', ['--session', '--print-reply', `--dest=${BUS}`, '/', `${BUS}.NameHasOwner`, `string:${WATCHER}`]],
  ['busctl', ['--user', 'call', BUS, '/', BUS, 'NameHasOwner', 's', WATCHER]],
];

function runProgram(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, [...args], { timeout: ASK_MILLIS, encoding: 'utf8' }, (error, output) => {
      if (error) reject(new Error(`${command} failed`, { cause: error }));
      else resolve(output);
    });
  });
}
