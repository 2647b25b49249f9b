import {
  MessageChannelMain,
  type MessagePortMain,
  type UtilityProcess,
  utilityProcess,
  type WebContents,
} from 'electron';
import { type FromEngine, fromEngine, type ToEngine } from '../../shared/contract/desktop.ts';
import { channels } from '../../shared/contract/preload-api.ts';
import { nextAttempt, type Attempts, noAttempts } from './restart-policy.ts';

/** How long an engine may take to finish its transfers' current writes when the app quits. */
const STOP_MILLIS = 15_000;

/** Keeps one engine process running, and the pages connected to it. */
export interface EngineSupervisor {
  start(): void;
  /** Gives the page a port to the engine now, and to every later one, for as long as the page lives. */
  connect(page: WebContents): void;
  /** Pauses everything, or lets it go on; without an engine nothing. */
  pause(on: boolean): void;
  /** Asks the engine to stop, and ends it if it does not. */
  stop(): Promise<void>;
}

interface Options {
  /** The script of the engine process. */
  readonly script: string;
  readonly dataDir: string;
  /** Told about each start and end, for the log. */
  readonly report: (message: string) => void;
  /** What the engine's process says beside the pages' ports; `answer` goes back to the very process that asked. */
  readonly onMessage: (message: FromEngine, answer: (message: ToEngine) => void) => void;
  /** The engine has ended without being asked to. */
  readonly onLost: () => void;
}

type State =
  | { readonly is: 'stopped' }
  | { readonly is: 'running'; readonly child: UtilityProcess; readonly since: number }
  | { readonly is: 'waiting'; readonly timer: NodeJS.Timeout; readonly until: number };

export function superviseEngine({ script, dataDir, report, onMessage, onLost }: Options): EngineSupervisor {
  let state: State = { is: 'stopped' };
  let attempts: Attempts = noAttempts;
  let stopping: Promise<void> | undefined;
  const pages = new Set<WebContents>();

  const start = (): void => {
    if (state.is === 'running' || stopping !== undefined) return;
    if (state.is === 'waiting') clearTimeout(state.timer);
    const child = utilityProcess.fork(script, [dataDir], { serviceName: 'Lockstep engine', stdio: 'inherit' });
    state = { is: 'running', child, since: Date.now() };
    child.once('exit', (code) => ended(child, code));
    child.on('message', (message: unknown) => hear(child, message));
    for (const page of pages) hand(child, page);
  };

  const hear = (child: UtilityProcess, message: unknown): void => {
    const parsed = fromEngine.safeParse(message);
    if (!parsed.success) return report('the engine said something that is not understood; it is passed over');
    onMessage(parsed.data, (answer) => {
      if (state.is === 'running' && state.child === child) say(child, answer);
    });
  };

  const ended = (child: UtilityProcess, code: number): void => {
    if (state.is !== 'running' || state.child !== child) return;
    if (stopping !== undefined) {
      state = { is: 'stopped' };
      return;
    }
    const now = Date.now();
    attempts = nextAttempt(attempts, now - state.since);
    const until = now + attempts.delay;
    report(`the engine ended with code ${code}; it is started again in ${attempts.delay} ms`);
    state = { is: 'waiting', until, timer: setTimeout(start, attempts.delay) };
    for (const page of pages) page.send(channels.lost, until);
    onLost();
  };

  const hand = (child: UtilityProcess, page: WebContents): void => {
    const { port1, port2 } = new MessageChannelMain();
    say(child, { type: 'connect' }, [port1]);
    page.postMessage(channels.port, null, [port2]);
  };

  const connect = (page: WebContents): void => {
    if (!pages.has(page)) {
      pages.add(page);
      page.once('destroyed', () => pages.delete(page));
    }
    if (state.is === 'running') hand(state.child, page);
    else if (state.is === 'waiting') page.send(channels.lost, state.until);
  };

  const stop = (): Promise<void> => {
    stopping ??= end();
    return stopping;
  };

  const end = async (): Promise<void> => {
    if (state.is === 'waiting') clearTimeout(state.timer);
    if (state.is !== 'running') {
      state = { is: 'stopped' };
      return;
    }
    const { child } = state;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill(), STOP_MILLIS);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      say(child, { type: 'stop' });
    });
  };

  const pause = (on: boolean): void => {
    if (state.is === 'running') say(state.child, { type: 'pause', on });
  };

  return { start, connect, pause, stop };
}

function say(child: UtilityProcess, message: ToEngine, ports: MessagePortMain[] = []): void {
  child.postMessage(message, ports);
}
