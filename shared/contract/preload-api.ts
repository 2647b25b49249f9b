/**
 * What main, preload and page know of each other. Apart from `bridge.ts` so that the preload, which checks nothing and
 * trusts nothing, stays a few lines without a schema library in them.
 */
export interface PreloadApi {
  /** Resolves to a `BridgeResult`; names that start with `shell.` are answered by the desktop, all others by the engine. */
  call(name: string, params: unknown): Promise<unknown>;
  /** The listener hears `BridgeEvent`s; what is known already at once. Returns what ends it. */
  subscribe(listener: (event: unknown) => void): () => void;
  /** The path of a `File` that was dropped or chosen; '' where it has none. */
  pathForFile(file: object): string;
}

/** The name of the one object that the preload adds to the page's window. */
export const preloadApiName = 'lockstep';

/** IPC between main and preload. */
export const channels = {
  /** preload → main: this page is ready for a port to the engine. */
  hello: 'engine.hello',
  /** main → preload, with one port: the way to the engine. */
  port: 'engine.port',
  /** main → preload: the engine is gone; the time at which it is started again. */
  lost: 'engine.lost',
  /** main → preload: a place of the interface that the person asked for elsewhere. */
  go: 'shell.go',
  /** preload → main, answered: one of `shellCalls`. */
  shell: 'shell.call',
} as const;
