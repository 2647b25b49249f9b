import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { app } from 'electron';
import { HIDDEN } from './arguments.ts';
import { replaceFile } from './json-file.ts';

/** Whether the app starts when the person logs in; then without a window. */
export interface LoginItem {
  isOn(): Promise<boolean>;
  set(on: boolean): Promise<void>;
}

/** What a desktop writes into the entry when the person switches it off there. */
const SWITCHED_OFF = /^(?:Hidden\s*=\s*true|X-GNOME-Autostart-enabled\s*=\s*false)\s*$/m;
/** Others than the owner read it too: the session's. */
const DESKTOP_FILE_MODE = 0o644;

export function loginItem(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): LoginItem {
  if (platform === 'linux') return autostartEntry(env);
  // On Windows an item counts as there only with the same arguments; on macOS there are none.
  const asked = platform === 'win32' ? { args: [HIDDEN] } : {};
  return {
    isOn: () => Promise.resolve(app.getLoginItemSettings(asked).openAtLogin),
    set: (on) => Promise.resolve(app.setLoginItemSettings({ openAtLogin: on, ...asked })),
  };
}

/** True when this very start was made by the system at login. */
export function wasStartedAtLogin(platform: NodeJS.Platform): boolean {
  return platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin;
}

function autostartEntry(env: NodeJS.ProcessEnv): LoginItem {
  const config = env['XDG_CONFIG_HOME'] || join(app.getPath('home'), '.config');
  const file = join(config, 'autostart', 'lockstep.desktop');
  return {
    isOn: () =>
      readFile(file, 'utf8').then(
        (text) => !SWITCHED_OFF.test(text),
        () => false,
      ),
    async set(on) {
      if (on) await replaceFile(file, desktopEntry(commandOf(env)), DESKTOP_FILE_MODE);
      else await rm(file, { force: true });
    },
  };
}

/** An AppImage runs from a folder that is another each time; from a checkout the app is an argument. */
function commandOf(env: NodeJS.ProcessEnv): readonly string[] {
  const program = env['APPIMAGE'] ?? app.getPath('exe');
  return [program, ...(app.isPackaged ? [] : [app.getAppPath()]), HIDDEN];
}

/** An entry after the Desktop Entry Specification 1.5. */
export function desktopEntry(command: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Version=1.5',
    'Name=Lockstep',
    `Exec=${command.map(quoteArgument).join(' ')}`,
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/**
 * Quoted as the specification wants it: within the quotes `"`, `` ` ``, `$` and `\` get a backslash and `%` is doubled; then
 * the whole value is a string, in which a backslash is written twice and a line break cannot stand as such.
 */
function quoteArgument(argument: string): string {
  const inQuotes = `"${argument.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%')}"`;
  return inQuotes.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
}
