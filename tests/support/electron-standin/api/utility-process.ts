import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { type MessagePortMain, type PortMessage, PortPipe } from '../ports.ts';
import { strict } from '../runtime.ts';
import { services } from './app.ts';

export interface UtilityProcessOptions {
  readonly serviceName?: string;
  readonly stdio?: 'pipe' | 'inherit' | 'ignore';
  readonly env?: NodeJS.ProcessEnv;
  readonly execArgv?: readonly string[];
}

const children = new Set<ChildProcess>();

export class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess;
  readonly #pipe: PortPipe;

  constructor(
    file: string,
    args: readonly string[],
    {
      serviceName = 'Node Utility Process',
      stdio = 'inherit',
      env = process.env,
      execArgv = [],
    }: UtilityProcessOptions,
  ) {
    super();
    const preload = (name: string): string[] => ['--import', new URL(`../${name}`, import.meta.url).href];
    const child = fork(file, args, {
      env,
      execArgv: [...execArgv, ...preload('hooks.ts'), ...preload('utility-child.ts')],
      serialization: 'advanced',
      stdio: ['ignore', stdio, stdio, 'ipc'],
    });
    this.#child = child;
    this.#pipe = new PortPipe((message) => this.#send(message), 'h');
    children.add(child);
    if (child.pid !== undefined) services.set(child.pid, serviceName);
    child.on('spawn', () => this.emit('spawn'));
    child.on('error', (error) => this.emit('error', 'FatalError', '', error.message));
    child.on('message', (message) => {
      const incoming = message as PortMessage | { t: 'msg'; data: unknown };
      if (incoming.t === 'msg') this.emit('message', incoming.data);
      else this.#pipe.receive(incoming);
    });
    child.on('exit', (code, signal) => {
      children.delete(child);
      services.delete(child.pid ?? 0);
      this.#pipe.closeAll();
      this.emit('exit', code ?? constants.signals[signal ?? 'SIGKILL']);
    });
  }

  get pid(): number | undefined {
    return this.#child.exitCode === null ? this.#child.pid : undefined;
  }

  postMessage(data: unknown, transfer: readonly MessagePortMain[] = []): void {
    this.#send({ t: 'msg', data, ports: this.#pipe.give(transfer.map((port) => port.take())) });
  }

  kill(): boolean {
    return this.#child.kill('SIGTERM');
  }

  #send(message: object): void {
    if (this.#child.connected) this.#child.send(message);
  }
}

export const utilityProcess = strict('utilityProcess', {
  fork: (file: string, args: readonly string[] = [], options: UtilityProcessOptions = {}) =>
    new UtilityProcess(file, args, options),
});

/** Nothing that the app started outlives it. */
export function killChildren(): void {
  for (const child of children) child.kill('SIGKILL');
}
