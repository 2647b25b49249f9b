import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';
import type { UpdateState } from '../../shared/contract/shell.ts';

/** The little that is used of electron-updater. */
export interface Updater {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  checkForUpdates(): Promise<{
    readonly isUpdateAvailable: boolean;
    readonly updateInfo: { readonly version: string };
  } | null>;
  downloadUpdate(): Promise<unknown>;
  quitAndInstall(): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** How the app makes way for its successor, which must find no engine and no lock, and no window that asks before it closes. */
export interface Departure {
  /** Resolves once nothing stands in the way any more. */
  readonly leave: () => Promise<void>;
  /** The app has left, and there is no successor: it begins anew. */
  readonly comeBack: () => void;
}

export interface Updates {
  state(): UpdateState;
  /** Looks for a newer version now and then, or no more. */
  enable(on: boolean): void;
  check(): Promise<void>;
  download(): Promise<void>;
  install(departure: Departure): void;
  stop(): void;
}

interface Options {
  readonly hasSource: boolean;
  readonly load: () => Promise<Updater>;
  readonly report: (message: string) => void;
}

const DAY_MILLIS = 24 * 60 * 60 * 1000;
/** Not in the first moments, in which the person and the engine have other things to do. */
const FIRST_MILLIS = 60_000;

/**
 * Where a release says from where its successors come. A build without one never looks, and never loads what would; nor does one
 * for Linux, where electron-updater checks no signature: updates come as the package came.
 */
export function hasUpdateSource(platform: NodeJS.Platform): boolean {
  return platform !== 'linux' && app.isPackaged && existsSync(join(process.resourcesPath, 'app-update.yml'));
}

export async function loadUpdater(): Promise<Updater> {
  const { default: updater } = await import('electron-updater');
  return updater.autoUpdater;
}

/** Nothing is fetched before the person says so, and nothing installed. */
export function createUpdates({ hasSource, load, report }: Options): Updates {
  let state: UpdateState = hasSource ? { is: 'off' } : { is: 'no-source' };
  let loaded: Promise<Updater> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let enabled = false;
  let isLeaving = false;

  const updater = (): Promise<Updater> => {
    loaded ??= load().then((made) => {
      made.autoDownload = false;
      made.autoInstallOnAppQuit = false;
      return made;
    });
    return loaded;
  };
  const attempt = async (work: (updater: Updater) => Promise<UpdateState>): Promise<void> => {
    if (!hasSource) return;
    try {
      state = await work(await updater());
    } catch (error) {
      report(`looking for an update failed: ${error instanceof Error ? error.message : String(error)}`);
      state = { is: 'failed' };
    }
  };

  const check = (): Promise<void> =>
    attempt(async (made) => {
      state = { is: 'checking' };
      const found = await made.checkForUpdates();
      return found?.isUpdateAvailable ? { is: 'available', version: found.updateInfo.version } : { is: 'none' };
    });
  const schedule = (delay: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      schedule(DAY_MILLIS);
      if (state.is !== 'ready' && state.is !== 'fetching') void check();
    }, delay);
    timer.unref();
  };

  return {
    state: () => state,
    check,
    enable(on) {
      if (!hasSource || on === enabled) return;
      enabled = on;
      clearTimeout(timer);
      if (on) schedule(FIRST_MILLIS);
      else if (state.is !== 'ready') state = { is: 'off' };
    },
    download: () =>
      attempt(async (made) => {
        if (state.is !== 'available') return state;
        const { version } = state;
        state = { is: 'fetching', version };
        await made.downloadUpdate();
        return { is: 'ready', version };
      }),
    install({ leave, comeBack }) {
      if (state.is !== 'ready' || isLeaving) return;
      isLeaving = true;
      const fail = (error: unknown): void => {
        if (!isLeaving) return;
        isLeaving = false;
        state = { is: 'failed' };
        report(`installing the update failed: ${error instanceof Error ? error.message : String(error)}`);
        comeBack();
      };
      // Most of what goes wrong is told by an event, some of it later.
      void updater()
        .then(async (made) => {
          made.on('error', fail);
          await leave();
          made.quitAndInstall();
        })
        .catch(fail);
    },
    stop: () => clearTimeout(timer),
  };
}
