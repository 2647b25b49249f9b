import type { z } from 'zod';
import {
  bridgeRequest,
  type BridgeMessage,
  type BridgeResult,
  type EngineEvent,
  type HostCallName,
  hostCalls,
  type HostState,
} from '../../shared/contract/bridge.ts';
import { type CallName, type CallParams, type CallResult, calls } from '../../shared/contract/calls.ts';
import { parseParams } from '../../shared/contract/issue.ts';
import { AppError } from '../../shared/errors/app-error.ts';

type FirstStart = z.output<(typeof hostCalls)['host.init']['params']>;

/** How often ports are chosen at a first start. */
const FIRST_TRIES = 3;

/** One end of a MessagePort: that of Electron, or of Node in the tests. */
export interface BridgePort {
  post(message: BridgeMessage): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
}

/** What the host needs of an engine. */
export interface HostedEngine {
  call<N extends CallName>(name: N, params: CallParams<N>): Promise<unknown>;
  subscribe(listener: (event: EngineEvent) => void, want?: 'status'): () => void;
  stop(): Promise<void>;
}

export type Checks = {
  readonly [N in 'folder.check' | 'pairing.check']: (
    params: z.output<(typeof calls)[N]['params']>,
  ) => Promise<CallResult<N>>;
};

export interface EngineHostOptions {
  /** Rejects `node.missing` where nobody has said yet what this install is to be. */
  readonly create: () => Promise<HostedEngine>;
  /** Writes the first configuration. Resolves what takes it back. */
  readonly init: (options: Pick<FirstStart, 'role' | 'name'>) => Promise<{ undo: () => Promise<void> }>;
  /** What can be asked before there is an install. */
  readonly checks: Checks;
  readonly suggestedName: string;
  /** Told of each state of the host. */
  readonly onHost?: (host: HostState) => void;
  /** An engine runs, and stays. */
  readonly onRun?: (engine: HostedEngine) => void;
  /** Told of what no caller could have done better; the engine and its transfers go on. */
  readonly onBug: (error: unknown, call: string) => void;
}

/** Runs an engine and answers the interfaces that are connected to it. */
export interface EngineHost {
  /** Resolves when the engine runs, or when it is known why it does not. */
  start(): Promise<void>;
  serve(port: BridgePort): void;
  /** What an interface could ask, asked by the host's own process. */
  call(name: string, params: unknown): Promise<BridgeResult>;
  stop(): Promise<void>;
}

export function hostEngine(options: EngineHostOptions): EngineHost {
  return new Host(options);
}

class Host implements EngineHost {
  readonly #options: EngineHostOptions;
  readonly #ports = new Set<BridgePort>();
  #engine: HostedEngine | undefined;
  #state: HostState = { state: 'starting' };
  #starting: Promise<void> | undefined;
  #making: Promise<unknown> | undefined;
  #stopped = false;
  #unsubscribe: (() => void) | undefined;

  constructor(options: EngineHostOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    this.#starting ??= this.#launch().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  serve(port: BridgePort): void {
    this.#ports.add(port);
    port.onClose(() => {
      this.#ports.delete(port);
      this.#listen();
    });
    port.onMessage((message) => {
      const request = bridgeRequest.safeParse(message);
      // Without an id there is nobody to answer.
      if (!request.success) return;
      const { id, name, params } = request.data;
      void this.call(name, params).then((result) => port.post({ type: 'response', id, result }));
    });
    port.post({ type: 'host', host: this.#state });
    this.#listen();
  }

  async call(name: string, params: unknown): Promise<BridgeResult> {
    try {
      return { ok: true, value: await this.#ask(name, params) };
    } catch (error) {
      if (!(error instanceof AppError)) this.#options.onBug(error, name);
      return { ok: false, error: (error instanceof AppError ? error : new AppError('internal')).toJSON() };
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#starting;
    // Whether it came about is told to whoever asked for it.
    await this.#making?.catch(() => undefined);
    await this.#engine?.stop();
    this.#engine = undefined;
  }

  async #launch(): Promise<void> {
    if (this.#engine !== undefined || this.#stopped) return;
    this.#become({ state: 'starting' });
    try {
      this.#run(await this.#options.create());
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'node.missing') this.#become({ state: 'unset', suggestedName: this.#options.suggestedName });
      else this.#become({ state: 'failed', error: error.toJSON() });
    }
  }

  #run(engine: HostedEngine): void {
    this.#engine = engine;
    this.#options.onRun?.(engine);
    this.#become({ state: 'running' });
    this.#listen();
  }

  #become(state: HostState): void {
    this.#state = state;
    this.#options.onHost?.(state);
    this.#tell({ type: 'host', host: state });
  }

  #tell(message: BridgeMessage): void {
    for (const port of this.#ports) port.post(message);
  }

  /** Nothing is gathered for nobody. */
  #listen(): void {
    if (this.#engine !== undefined && this.#ports.size > 0)
      this.#unsubscribe ??= this.#engine.subscribe((event) => this.#tell({ type: 'event', event }));
    if (this.#ports.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  async #ask(name: string, params: unknown): Promise<unknown> {
    if (isHostCall(name)) return this.#hosted(name, params);
    if (!isCall(name)) throw new AppError('call.unknown', { name });
    if (this.#engine === undefined) return this.#askWithout(name, params);
    return this.#engine.call(name, parseParams(name, calls[name].params, params));
  }

  /** What can be asked where no engine runs. */
  #askWithout(name: CallName, params: unknown): Promise<unknown> {
    const { checks } = this.#options;
    switch (name) {
      case 'folder.check':
        return checks[name](parseParams(name, calls[name].params, params));
      case 'pairing.check':
        return checks[name](parseParams(name, calls[name].params, params));
      default:
        throw new AppError('node.not-running', {});
    }
  }

  async #hosted(name: HostCallName, params: unknown): Promise<unknown> {
    switch (name) {
      case 'host.retry':
        await this.start();
        return {};
      case 'host.init': {
        const wanted = parseParams(name, hostCalls[name].params, params);
        this.#making = this.#make(wanted);
        await this.#making;
        return { name: wanted.name };
      }
    }
  }

  /**
   * Makes the install and takes its first steps. Nobody is told of it before they are all done: where one fails, all is taken
   * back, and the person can try again, as whatever they like.
   */
  async #make(wanted: FirstStart): Promise<void> {
    const { fresh, undo } = await this.#createFirst(wanted);
    try {
      await takeFirstSteps(fresh, wanted);
    } catch (error) {
      await fresh.stop();
      await undo();
      throw error;
    }
    this.#run(fresh);
  }

  /** Where somebody takes a port between the choice and the start, other ports are chosen. */
  async #createFirst({ role, name }: FirstStart): Promise<{ fresh: HostedEngine; undo: () => Promise<void> }> {
    const { init, create } = this.#options;
    for (let tries = 1; ; tries++) {
      const { undo } = await init({ role, name });
      try {
        return { fresh: await create(), undo };
      } catch (error) {
        await undo();
        if (tries === FIRST_TRIES || !isTaken(error)) throw error;
      }
    }
  }
}

async function takeFirstSteps(engine: HostedEngine, wanted: FirstStart): Promise<void> {
  if (wanted.role === 'publisher') return;
  if (wanted.role === 'mirror') {
    await engine.call('pairing.join', { code: wanted.code, root: wanted.root, takeOver: wanted.takeOver });
    return;
  }
  const { site, root, account, takeOver } = wanted;
  await engine.call('site.add', { name: site, root, takeOver });
  if (account !== undefined) await engine.call('account.add', { ...account, site });
}

/** By another program, or by a listener of this install whose port the system chose. */
function isTaken(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'port.busy' || error.code === 'port.own');
}

function isCall(name: string): name is CallName {
  return Object.hasOwn(calls, name);
}

function isHostCall(name: string): name is HostCallName {
  return Object.hasOwn(hostCalls, name);
}
