import type { Cdp } from './cdp.ts';

/** What the parts of the stand-in share. */
export interface Runtime {
  cdp: Cdp | undefined;
  /** The folder of the app. */
  appPath: string;
  /** Its package.json. */
  manifest: { name?: string; productName?: string; version?: string; main?: string };
  /** Switches of the command line: `--name` or `--name=value`. */
  readonly switches: Map<string, string>;
  /** What the app did with parts that have no effect here, for tests to read: `electron.__standin.calls`. */
  readonly calls: { readonly what: string; readonly args: readonly unknown[] }[];
  /** Ends what the stand-in started. */
  stop: () => void;
}

export const runtime: Runtime = {
  cdp: undefined,
  appPath: process.cwd(),
  manifest: {},
  switches: new Map(),
  calls: [],
  stop: () => undefined,
};

export function browser(): Cdp {
  if (runtime.cdp === undefined) throw new Error('stand-in: the browser is not there yet');
  return runtime.cdp;
}

export function note(what: string, ...args: readonly unknown[]): void {
  runtime.calls.push({ what, args });
}

/** Functions that have no effect but to be noted. */
export function noted<K extends string>(name: string, ...keys: readonly K[]): Record<K, (...args: unknown[]) => void> {
  const entries = keys.map((key) => [key, (...args: unknown[]) => note(`${name}.${key}`, ...args)]);
  return Object.fromEntries(entries) as Record<K, (...args: unknown[]) => void>;
}

/** Anything that is not modelled fails loudly and by name. */
export function strict<T extends object>(name: string, object: T): T {
  return new Proxy(object, {
    get(target, key): unknown {
      if (key in target || typeof key === 'symbol' || key === 'then' || key === 'toJSON') {
        const value: unknown = Reflect.get(target, key);
        // A method runs on the object itself, which knows its private members, not on this proxy.
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      }
      throw new Error(`stand-in: electron.${name}.${key} is not modelled`);
    },
    // As above: a setter runs on the object itself.
    set: (target, key, value) => Reflect.set(target, key, value),
  });
}

export interface Preventable {
  defaultPrevented: boolean;
  preventDefault(): void;
}

export function event<T extends object>(extra?: T): Preventable & T {
  const made: Preventable = {
    defaultPrevented: false,
    preventDefault() {
      made.defaultPrevented = true;
    },
  };
  return Object.assign(made, extra);
}
