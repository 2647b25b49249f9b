import { app, BrowserWindow, clipboard, type Event, Menu, nativeTheme, type WebContents } from 'electron';
import {
  type EngineSummary,
  type FromEngine,
  nothingKnown,
  type Place,
  type ToEngine,
} from '../../shared/contract/desktop.ts';
import { channels } from '../../shared/contract/preload-api.ts';
import type { ShellFacts, ShellSettings } from '../../shared/contract/shell.ts';
import { appMenu, type MenuActions } from './app-menu.ts';
import { decideClosing } from './closing.ts';
import { askWhatClosingDoes, tellStays } from './closing-talk.ts';
import { type DesktopSettings, localeOf } from './desktop-settings.ts';
import { describeDiagnostics } from './diagnostics.ts';
import { type EngineSupervisor, superviseEngine } from './engine-supervisor.ts';
import type { KeptValue } from './kept-value.ts';
import { openExternal } from './lock-down.ts';
import type { LoginItem } from './login-item.ts';
import { createNotifier, type Notifier } from './notifier.ts';
import type { AppFiles } from './app-files.ts';
import { answerSecret } from './secrets.ts';
import { chooseFolder, type ShellHandlers } from './shell-calls.ts';
import { type Speaker, speakerOf } from './speaker.ts';
import { openTray, type StateTray } from './tray.ts';
import type { Updates } from './updates.ts';
import { openWindow, zoomWindow } from './window.ts';
import type { WindowState } from './window-state.ts';

interface Options {
  readonly files: AppFiles;
  readonly dataDir: string;
  readonly settings: KeptValue<DesktopSettings>;
  readonly window: KeptValue<WindowState>;
  readonly hasTray: boolean;
  readonly platform: NodeJS.Platform;
  readonly docs: string | undefined;
  readonly updates: Updates;
  readonly login: LoginItem;
  readonly report: (message: string) => void;
}

/** What is to change, as the interface says it. */
type Wanted = { readonly [K in keyof ShellSettings]?: ShellSettings[K] | undefined };

const unknownYet: EngineSummary = { ...nothingKnown, state: 'starting' };

/** Brings window, tray, menu, notifications and engine together. Each of them is a file of its own. */
export class DesktopApp {
  readonly #options: Options;
  readonly #engine: EngineSupervisor;
  readonly #notifier: Notifier;
  #tray: StateTray | undefined;
  #summary: EngineSummary = unknownYet;
  #quitting = false;
  #end: 'running' | 'stopping' | 'stopped' = 'running';
  #stopping: Promise<void> | undefined;
  /** Asked for before there was a page to show it. */
  #place: Place | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.#engine = superviseEngine({
      script: options.files.engine,
      dataDir: options.dataDir,
      report: options.report,
      onMessage: (message, answer) => this.#hear(message, answer),
      onLost: () => this.#show({ ...unknownYet, role: this.#summary.role }),
    });
    this.#notifier = createNotifier({
      speaker: () => this.#speaker(),
      wanted: () => options.settings.get().notifications,
      isFocused: () => BrowserWindow.getFocusedWindow() !== null,
      open: (place) => this.go(place),
      platform: options.platform,
    });
  }

  start(): void {
    const { hasTray, platform, settings, updates } = this.#options;
    app.on('before-quit', () => {
      this.#quitting = true;
    });
    app.on('will-quit', (event) => this.#stopBeforeQuit(event));
    const actions = {
      open: () => this.showWindow(),
      publish: () => this.go(['publish']),
      pause: (on: boolean) => this.#engine.pause(on),
      quit: () => app.quit(),
    };
    if (hasTray) this.#tray = openTray(actions, platform);
    updates.enable(settings.get().updates);
    this.#speak();
    this.#engine.start();
  }

  /** Shows the window, in front; opens it where there is none. */
  showWindow(): void {
    const [open] = BrowserWindow.getAllWindows();
    if (open === undefined) {
      const { files, window: state } = this.#options;
      const window = openWindow(files.preload, state);
      window.on('close', (event) => this.#closing(window, event));
      return;
    }
    if (open.isMinimized()) open.restore();
    if (!open.isVisible()) open.show();
    open.focus();
  }

  /** Shows a place of the interface. */
  go(place: Place): void {
    const [open] = BrowserWindow.getAllWindows();
    if (open === undefined) this.#place = place;
    else open.webContents.send(channels.go, place);
    this.showWindow();
  }

  /** A page is there: it gets its way to the engine, and what was asked for before. */
  connect(page: WebContents): void {
    this.#engine.connect(page);
    if (this.#place !== undefined) page.send(channels.go, this.#place);
    this.#place = undefined;
  }

  shellHandlers(): ShellHandlers {
    const { settings, updates } = this.#options;
    return {
      'shell.choose-folder': ({ title }, event) => chooseFolder(event, title),
      'shell.appear': ({ locale, theme }) => {
        settings.set({ ...settings.get(), locale, theme });
        nativeTheme.themeSource = theme;
        this.#speak();
        return Promise.resolve({});
      },
      'shell.facts': () => this.#facts(),
      'shell.set': async (wanted) => {
        await this.#change(wanted);
        return this.#facts();
      },
      'shell.update': async (asked) => {
        if (asked.do === 'check') await updates.check();
        else if (asked.do === 'fetch') await updates.download();
        else updates.install({ leave: () => this.#leave(), comeBack: () => this.#comeBack() });
        return this.#facts();
      },
    };
  }

  #hear(message: FromEngine, answer: (message: ToEngine) => void): void {
    switch (message.type) {
      case 'summary':
        this.#show(message.summary);
        this.#notifier.look(message.summary);
        return;
      case 'secret':
        void answerSecret(message, this.#options.platform).then((text) =>
          answer({ type: 'secret', id: message.id, text }),
        );
    }
  }

  #show(summary: EngineSummary): void {
    const before = this.#summary;
    this.#summary = summary;
    this.#tray?.show(summary, this.#speaker());
    if (publishes(before) !== publishes(summary)) this.#setMenu();
  }

  /** The language has changed, or is known for the first time. */
  #speak(): void {
    this.#setMenu();
    this.#tray?.show(this.#summary, this.#speaker());
    const { about } = this.#speaker().texts;
    app.setAboutPanelOptions({
      applicationName: 'Lockstep',
      applicationVersion: about.version(app.getVersion()),
      credits: about.what,
      copyright: about.what,
    });
  }

  #speaker(): Speaker {
    return speakerOf(localeOf(this.#options.settings.get(), app.getPreferredSystemLanguages()));
  }

  #setMenu(): void {
    const { docs, hasTray, window: state, platform } = this.#options;
    const actions: MenuActions = {
      about: () => app.showAboutPanel(),
      settings: () => this.go(['settings']),
      publish: () => this.go(['publish']),
      zoom: (change) => {
        const window = BrowserWindow.getFocusedWindow();
        if (window !== null) zoomWindow(window, state, change);
      },
      docs: docs === undefined ? undefined : () => openExternal(docs),
      diagnostics: () => {
        // What cannot be put there is not missed: the person sees that nothing was copied.
        clipboard.writeText(describeDiagnostics(this.#summary, hasTray)).catch(() => undefined);
      },
    };
    const template = appMenu({
      texts: this.#speaker().texts.menu,
      platform,
      isDevelopment: !app.isPackaged,
      publishes: publishes(this.#summary),
      actions,
    });
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  }

  #closing(window: BrowserWindow, event: Event): void {
    if (this.#quitting) return;
    const { settings, hasTray, platform } = this.#options;
    const isSetUp = this.#summary.state !== 'unset';
    switch (decideClosing({ settings: settings.get(), isSetUp, hasTray, platform })) {
      case 'quit':
        app.quit();
        return;
      case 'stay':
        return;
      case 'stay-and-tell':
        settings.set({ ...settings.get(), staysTold: true });
        tellStays(this.#speaker().texts.closing, platform);
        return;
      case 'ask':
        event.preventDefault();
        void this.#ask(window);
    }
  }

  async #ask(window: BrowserWindow): Promise<void> {
    const { settings } = this.#options;
    const answer = await askWhatClosingDoes(window, this.#speaker().texts.closing);
    if (answer === undefined) return;
    if (answer.remember) settings.set({ ...settings.get(), whenClosed: answer.choice });
    if (answer.choice === 'quit') app.quit();
    else window.destroy();
  }

  async #facts(): Promise<ShellFacts> {
    const { settings, hasTray, platform, updates, login } = this.#options;
    const { whenClosed, notifications, updates: looks } = settings.get();
    return {
      settings: { whenClosed: whenClosed ?? null, notifications, updates: looks, openAtLogin: await login.isOn() },
      platform,
      hasTray,
      update: updates.state(),
      protectsSecrets: (await answerSecret({ op: 'protection', text: '' }, platform)) === 'system',
    };
  }

  async #change({ whenClosed, notifications, openAtLogin, updates: looks }: Wanted): Promise<void> {
    const { settings, login, updates } = this.#options;
    const before = settings.get();
    settings.set({
      ...before,
      whenClosed: whenClosed === undefined ? before.whenClosed : (whenClosed ?? undefined),
      notifications: notifications ?? before.notifications,
      updates: looks ?? before.updates,
    });
    if (openAtLogin !== undefined) await login.set(openAtLogin);
    if (looks !== undefined) updates.enable(looks);
  }

  /** Quitting waits for the engine: it ends its writes and leaves its database closed. */
  #stopBeforeQuit(event: Event): void {
    if (this.#end === 'stopped') return;
    event.preventDefault();
    // Who has stopped it already quits it as well.
    if (this.#end === 'running') void this.#stop().then(() => app.quit());
  }

  #stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    const { settings, window, updates } = this.#options;
    this.#end = 'stopping';
    this.#notifier.stop();
    updates.stop();
    // What fails here has been reported, and keeps nobody from quitting.
    await Promise.allSettled([this.#engine.stop(), settings.flush(), window.flush()]);
    this.#tray?.destroy();
    this.#end = 'stopped';
  }

  /** Makes way for another version, which is started at once: it is to find neither our engine nor our lock. */
  async #leave(): Promise<void> {
    this.#quitting = true;
    await this.#stop();
    app.releaseSingleInstanceLock();
  }

  #comeBack(): void {
    app.relaunch();
    app.quit();
  }
}

/** A drop can be published here. */
function publishes({ role, state }: EngineSummary): boolean {
  return role === 'master' && state !== 'starting' && state !== 'unset' && state !== 'failed';
}
