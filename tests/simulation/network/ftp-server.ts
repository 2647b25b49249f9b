import { fileError } from '../../../electron/engine/tree/file-error.ts';
import type { Change } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { FtpServer, FtpServerOptions } from '../../../electron/engine/master/ftp-server/ftp-server.ts';
import type { ServerContext } from '../../../electron/engine/master/ftp-server/server-context.ts';
import type { Session as LineSession } from '../../../electron/engine/master/ftp-server/session.ts';
import type { Accounts, Login, ReleaseFiles, SiteFiles, Upload } from '../../../electron/engine/master/site-files.ts';
import { simulation } from '../current.ts';
import { openLines } from './ftp-lines.ts';
import type { FtpCommand, FtpMessage } from './ftp-protocol.ts';
import type { End } from './network.ts';

const READ_BYTES = 16 * 1024;
const DATA_BACKLOG_BYTES = 64 * 1024;
const REPLY_BYTES = 60;

/** In the place of the FTP server: its sessions do with the site what the real ones do, without the wire. */
export function createFtpServer({ config, accounts, logger, clock }: FtpServerOptions): FtpServer {
  const sessions = new Set<Session>();
  const lines = new Set<LineSession>();
  // As much of it as sessions of lines use that have not to log in.
  const context = {
    config,
    logger,
    clock,
    onEvent: () => undefined,
    onBytes: () => undefined,
  } as unknown as ServerContext;
  let stopListening: (() => void) | undefined;
  return {
    get address() {
      return stopListening && config;
    },
    async listen() {
      const { host, port } = config;
      stopListening = simulation().network.listen(host, port, (end) => {
        const session: Session = new Session(accounts, end, () => sessions.delete(session));
        sessions.add(session);
        const { onMessage } = end;
        end.onMessage = (first) => {
          end.onMessage = onMessage;
          if ((first as { kind: string }).kind === 'line') {
            sessions.delete(session);
            const opened: LineSession = openLines(end, context, accounts, () => lines.delete(opened));
            lines.add(opened);
          }
          end.onMessage(first);
        };
      });
      return { host, port };
    },
    certificateFault: undefined,
    sessions: () => [],
    lockOuts: () => [],
    unlock: () => false,
    adopt: () => Promise.resolve(),
    async endSessions(of: (login: Login) => boolean) {
      for (const session of sessions) if (session.login && of(session.login)) session.stop();
      for (const session of lines)
        if (session.access.kind === 'in' && of(session.access.login)) void session.stop('The account is gone.');
    },
    async stop() {
      stopListening?.();
      stopListening = undefined;
      for (const session of sessions) session.stop();
      await Promise.all([...lines].map((session) => session.stop('The server is being stopped.')));
      await Promise.all([...sessions].map((session) => session.over));
    },
  };
}

class Session {
  login: Login | undefined;
  over: Promise<void> = Promise.resolve();
  readonly #accounts: Accounts;
  readonly #end: End;
  readonly #forget: () => void;
  readonly #queue: Extract<FtpMessage, { kind: 'command' }>[] = [];
  readonly #data: (Uint8Array | 'end')[] = [];
  #release: ReleaseFiles | undefined;
  readonly #ending = new AbortController();
  #working = false;
  #gone = false;
  #wake = (): void => undefined;

  constructor(accounts: Accounts, end: End, forget: () => void) {
    this.#accounts = accounts;
    this.#end = end;
    this.#forget = forget;
    end.onMessage = (message) => this.#take(message as FtpMessage);
    end.onClosed = () => this.#lost();
  }

  stop(): void {
    if (this.#end.closed) return;
    this.#end.destroy();
    this.#lost();
  }

  #lost(): void {
    this.#gone = true;
    this.#ending.abort();
    this.#wake();
    if (!this.#working) void this.#leave();
  }

  async #leave(): Promise<void> {
    this.#forget();
    await this.#release?.leave();
  }

  #take(message: FtpMessage): void {
    if (message.kind === 'command') this.#queue.push(message);
    else if (message.kind === 'data') this.#data.push(message.bytes);
    else if (message.kind === 'dataEnd') this.#data.push('end');
    this.#wake();
    if (!this.#working) this.over = this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let next = this.#queue.shift(); next && !this.#gone; next = this.#queue.shift()) {
      const { command, tag } = next;
      const told = await this.#run(command, tag).catch((thrown: unknown) => {
        const error = fileError(thrown, '');
        if (!(error instanceof AppError)) throw error;
        return { code: codeOf(error), text: `${error.code} ${JSON.stringify(error.params)}` };
      });
      this.#send({ kind: 'reply', tag, ...told }, REPLY_BYTES);
    }
    this.#working = false;
    if (this.#gone) await this.#leave();
  }

  async #run(command: FtpCommand, tag: number): Promise<{ code: number; text: string; seq?: number; size?: number }> {
    if (command.do === 'login') {
      this.login = await this.#accounts.verify(command.user, command.password);
      return this.login ? { code: 230, text: '' } : { code: 530, text: '' };
    }
    if (command.do === 'noop') return { code: 200, text: '' };
    const { login } = this;
    if (!login) return { code: 530, text: 'log in first' };
    const files: SiteFiles = this.#release ?? login.files;
    const by = { account: login.user, address: this.#end.remoteHost };
    if (command.do === 'retrieve') return this.#retrieve(files, login, command, tag);
    if (login.kind !== 'publisher') return { code: 550, text: 'read only' };
    switch (command.do) {
      case 'store': {
        const how = { by, ...(command.restartAt && { restartAt: command.restartAt }), append: command.append ?? false };
        let upload: Upload;
        try {
          upload = await files.beginUpload(path(command), how);
        } catch (error) {
          await this.#discard();
          throw error;
        }
        return this.#store(upload, command);
      }
      case 'size':
        return { code: 213, text: '', size: (await files.partSize(path(command), login.user)) ?? 0 };
      case 'delete':
        return done(await files.remove(path(command), by));
      case 'makeDir':
        return done(await files.makeDir(path(command), by));
      case 'removeDir':
        return done(await files.removeDir(path(command), by));
      case 'rename':
        return done(await files.rename(command.from as SitePath, path(command), by));
      case 'touch':
        return done(await files.touch(path(command), command.mtime, by));
      case 'begin':
        this.#release = login.files.beginRelease(command.title, by);
        return { code: 250, text: '' };
      case 'commit': {
        if (!this.#release) return { code: 503, text: 'none is open' };
        const { together } = command;
        const { id } = await this.#release.commit(together ? { together } : {});
        this.#release = undefined;
        return { code: 250, text: '', seq: id };
      }
      case 'abort':
        await this.#release?.abort();
        this.#release = undefined;
        return { code: 250, text: '' };
    }
  }

  async #store(upload: Upload, { size }: { readonly size?: number }) {
    try {
      for (;;) {
        const next = await this.#next();
        if (next === 'gone') {
          await upload.breakOff('reset');
          return { code: 426, text: 'broken off' };
        }
        if (next === 'end') break;
        await upload.write(next);
      }
      await upload.flush();
      if (this.#gone || (size !== undefined && upload.size < size)) {
        await upload.breakOff(this.#gone ? 'control-lost' : 'short');
        return { code: 426, text: 'short' };
      }
      return done(await upload.commit());
    } catch (error) {
      await upload.breakOff('error');
      await this.#discard();
      throw error;
    }
  }

  /** What a client has sent of a file that is not taken. */
  async #discard(): Promise<void> {
    for (let next = await this.#next(); next !== 'gone' && next !== 'end'; next = await this.#next());
  }

  async #next(): Promise<Uint8Array | 'end' | 'gone'> {
    for (;;) {
      const next = this.#data.shift();
      if (next !== undefined) return next;
      if (this.#gone) return 'gone';
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async #retrieve(
    files: SiteFiles,
    login: Login,
    command: { readonly path: string; readonly offset: number },
    tag: number,
  ) {
    if (login.pace?.isStopped()) return { code: 450, text: 'paused' };
    const file = await files.open(path(command));
    const { size } = file.info;
    try {
      if (command.offset > size) return { code: 554, text: 'the file ends before' };
      this.#send({ kind: 'reply', tag, code: 125, text: '' }, REPLY_BYTES);
      for (let position = command.offset; position < size; ) {
        const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, size - position));
        const bytesRead = await file.read(buffer, buffer.length, position);
        if (bytesRead === 0) return { code: 451, text: 'it has become shorter' };
        await login.pace?.take(bytesRead, this.#ending.signal);
        if (login.pace?.isStopped()) return { code: 450, text: 'paused' };
        position += bytesRead;
        await this.#sendData(buffer.subarray(0, bytesRead));
        if (this.#gone) return { code: 426, text: 'gone' };
      }
      this.#send({ kind: 'dataEnd' }, 1);
      return { code: 250, text: '' };
    } finally {
      file.close();
    }
  }

  async #sendData(bytes: Uint8Array): Promise<void> {
    if (this.#end.backlog < DATA_BACKLOG_BYTES) return this.#send({ kind: 'data', bytes, down: true }, bytes.length);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#end.send({ kind: 'data', bytes, down: true }, bytes.length, resolve);
    });
  }

  #send(message: FtpMessage, bytes: number): void {
    this.#end.send(message, bytes);
  }
}

function path(command: { readonly path: string }): SitePath {
  return command.path.replace(/^\//, '') as SitePath;
}

function done(change: Change): { code: number; text: string; seq: number } {
  return { code: 226, text: '', seq: change.seq };
}

function codeOf(error: AppError): number {
  switch (error.code) {
    case 'file.disk-full':
      return 452;
    case 'file.io':
      return 451;
    case 'account.bad-password':
      return 530;
    default:
      return 550;
  }
}
