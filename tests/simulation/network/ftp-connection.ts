import type { FileInfo } from 'basic-ftp';
import type { Endpoint } from '../../../electron/engine/publishing/connection.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { ftpError } from '../../../electron/engine/publishing/ftp-error.ts';
import { simulation } from '../current.ts';
import { FTPError } from './ftp-client.ts';
import type { End } from './network.ts';
import type { PlainMessage } from './plain-ftp-server.ts';

const LINE_BYTES = 40;
const STALL_MILLIS = 60_000;

type Reply = Extract<PlainMessage, { kind: 'reply' }>;

/** In the place of a drop's session at an FTP server: without TLS, and without the wire. One thing at a time. */
export class Connection {
  readonly home = '';
  features: ReadonlySet<string> = new Set();
  readonly #end: End;
  #closed = false;
  #settle: ((reply: Reply | Error) => void) | undefined;

  private constructor(end: End) {
    this.#end = end;
    end.onMessage = (message) => this.#settle?.(message as Reply);
    end.onClosed = () => this.#fail(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
  }

  static async open(endpoint: Endpoint, signal: AbortSignal): Promise<Connection> {
    const { host, port } = endpoint;
    if (signal.aborted) throw new AppError('cancelled');
    try {
      const end = await new Promise<End>((resolve, reject) => {
        simulation().network.connect(host, port, (made) =>
          typeof made === 'object' ? resolve(made) : reject(Object.assign(new Error(made), { code: 'ECONNREFUSED' })),
        );
      });
      const connection = new Connection(end);
      const abort = (): void => connection.#fail(new AppError('cancelled'));
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
      const { user, password } = endpoint;
      const { text } = await connection.#send('FEAT', { user, password });
      connection.features = new Set(text.split('\n').map((line) => line.replaceAll('*', '').toUpperCase()));
      signal.removeEventListener('abort', abort);
      return connection;
    } catch (error) {
      throw ftpError(error, endpoint);
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  has(feature: string): boolean {
    return [...this.features].some((line) => line === feature || line.startsWith(`${feature} `));
  }

  async command(text: string): Promise<string> {
    return (await this.#send(text)).text;
  }

  slowCommand(text: string): Promise<string> {
    return this.command(text);
  }

  async ask(text: string): Promise<string | undefined> {
    return this.command(text).catch((error: unknown) => {
      if (error instanceof FTPError) return undefined;
      throw error;
    });
  }

  async list(folder: string): Promise<FileInfo[] | undefined> {
    try {
      const { entries = [] } = await this.#send(`LIST ${folder === '/' ? '' : folder}`);
      return entries.map(({ name, size, mtime }) => ({
        name,
        size: size ?? 0,
        isFile: size !== undefined,
        isDirectory: size === undefined,
        modifiedAt: new Date(mtime),
      })) as FileInfo[];
    } catch (error) {
      if (error instanceof FTPError && (error.code === 550 || error.code === 501)) return undefined;
      throw error;
    }
  }

  async upload(content: AsyncIterable<Uint8Array>, path: string, before: readonly string[] = []): Promise<void> {
    for (const text of before) await this.command(text);
    const answered = this.#send(`STOR ${path}`);
    answered.catch(() => undefined);
    for await (const bytes of content) {
      if (this.#closed) break;
      await new Promise<void>((resolve) => {
        // What is lost is never off this machine.
        void answered.catch(() => resolve());
        this.#end.send({ kind: 'data', bytes } satisfies PlainMessage, bytes.length, resolve);
      });
    }
    this.#end.send({ kind: 'dataEnd' } satisfies PlainMessage, 1);
    await answered;
  }

  close(): void {
    this.#fail(new Error('User closed client'));
  }

  async end(): Promise<void> {
    if (!this.closed) await this.ask('QUIT').catch(() => undefined);
    this.close();
  }

  #send(text: string, login?: { readonly user: string; readonly password: string }): Promise<Reply> {
    if (this.#closed) return Promise.reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    return new Promise((resolve, reject) => {
      const stall = (): void => this.#fail(Object.assign(new Error('Timeout'), { code: 'ETIMEDOUT' }));
      const patience = simulation().scheduler.after(STALL_MILLIS, 'stall', stall);
      this.#settle = (reply) => {
        patience.cancel();
        this.#settle = undefined;
        if (reply instanceof Error) reject(reply);
        else if (reply.code >= 400) reject(new FTPError({ code: reply.code, message: reply.text }));
        else resolve(reply);
      };
      this.#end.send({ kind: 'line', text, ...(login && { login }) } satisfies PlainMessage, LINE_BYTES);
    });
  }

  #fail(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#end.destroy();
    this.#settle?.(error);
  }
}
