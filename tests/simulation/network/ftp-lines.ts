import { EventEmitter } from 'node:events';
import type { FtpConnection } from 'ftp-srv';
import { CommandQueue } from '../../../electron/engine/master/ftp-server/command-queue.ts';
import { parseCommand } from '../../../electron/engine/master/ftp-server/command.ts';
import { Transfer, TransferBroken } from '../../../electron/engine/master/ftp-server/current-transfer.ts';
import type { Line } from '../../../electron/engine/master/ftp-server/line-reader.ts';
import { Refusal, type Reply, reply, replyToError } from '../../../electron/engine/master/ftp-server/reply.ts';
import { rangeOf, stillSaid } from '../../../electron/engine/master/ftp-server/said.ts';
import type { ServerContext } from '../../../electron/engine/master/ftp-server/server-context.ts';
import { type Commands, Session } from '../../../electron/engine/master/ftp-server/session.ts';
import { judgeEnd } from '../../../electron/engine/master/ftp-server/upload.ts';
import type { Accounts } from '../../../electron/engine/master/site-files.ts';
import { fileError } from '../../../electron/engine/tree/file-error.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { End } from './network.ts';
import type { Entry, PlainMessage } from './plain-ftp-server.ts';

const REPLY_BYTES = 60;
let sessions = 0;

/**
 * A session of a client that speaks lines: the engine's own, with its commands, on the simulated network. What goes by a data connection
 * (STOR, LIST) comes in the midst of the lines here.
 */
export function openLines(end: End, context: ServerContext, accounts: Accounts, onClosed: () => void): Session {
  const socket = new LineSocket(end, async (user, password) => {
    const login = await accounts.verify(user, password).catch(() => undefined);
    if (login) session.loggedIn(login);
    return login !== undefined;
  });
  const connection = { id: `lines-${(sessions += 1)}`, commandSocket: socket } as unknown as FtpConnection;
  const session: Session = new Session(context, connection, (of) => new LineCommands(of, socket), onClosed);
  return session;
}

/** A control connection as the engine's session knows one. */
class LineSocket extends EventEmitter {
  readonly localAddress = '';
  readonly readableLength = 0;
  readonly writableLength = 0;
  destroyed = false;
  /** Of the upload that is under way. */
  readonly data: (Uint8Array | 'end')[] = [];
  onData = (): void => undefined;
  readonly #end: End;
  readonly #logIn: (user: string, password: string) => Promise<boolean>;

  constructor(end: End, logIn: (user: string, password: string) => Promise<boolean>) {
    super();
    this.#end = end;
    this.#logIn = logIn;
    end.onMessage = (message) => void this.#take(message as PlainMessage);
    end.onClosed = () => this.#over();
  }

  get remoteAddress(): string {
    return this.#end.remoteHost;
  }

  get writable(): boolean {
    return !this.destroyed;
  }

  setNoDelay(): void {}
  setTimeout(): void {}
  pause(): void {}
  resume(): void {}

  /** One reply, as it is spelt. */
  write(text: string): void {
    const [first = '', ...others] = text.trimEnd().split('\r\n');
    const lines = others.slice(0, -1).map((line) => line.trim());
    this.reply(Number(first.slice(0, 3)), [first.slice(4), ...lines].join('\n'));
  }

  reply(code: number, text: string, entries?: readonly Entry[]): void {
    this.#end.send({ kind: 'reply', code, text, ...(entries && { entries }) } satisfies PlainMessage, REPLY_BYTES);
  }

  end(): void {
    this.#end.end();
    this.#over();
  }

  destroy(): void {
    this.#end.destroy();
    this.#over();
  }

  async #take(message: PlainMessage): Promise<void> {
    if (message.kind === 'data') this.data.push(message.bytes);
    else if (message.kind === 'dataEnd') this.data.push('end');
    if (message.kind !== 'line') return this.onData();
    const { login, text } = message;
    if (login && !(await this.#logIn(login.user, login.password))) return this.reply(530, 'who are you?');
    this.emit('data', Buffer.from(`${text}\r\n`));
  }

  #over(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.onData();
    this.emit('close');
  }
}

/** The engine's, but for what needs a data connection. */
class LineCommands implements Commands {
  readonly #session: Session;
  readonly #socket: LineSocket;
  readonly #queue: CommandQueue;
  #own: Promise<void> | undefined;

  constructor(session: Session, socket: LineSocket) {
    this.#session = session;
    this.#socket = socket;
    this.#queue = new CommandQueue(session);
  }

  get waiting(): number {
    return this.#queue.waiting;
  }

  get isRunning(): boolean {
    return this.#own !== undefined || this.#queue.isRunning;
  }

  drop(): void {
    this.#queue.drop();
  }

  async done(): Promise<void> {
    await this.#own;
    await this.#queue.done();
  }

  take(line: Line): void {
    const command = line.kind === 'line' ? parseCommand(line.bytes) : undefined;
    const verb = command?.kind === 'command' ? command.verb : '';
    const arg = command?.kind === 'command' ? command.arg : '';
    if (verb === 'STOR') this.#run(() => this.#store(arg));
    else if (verb === 'LIST') this.#run(() => this.#list(arg));
    else this.#queue.take(line);
  }

  #run(work: () => Promise<Reply | undefined>): void {
    const session = this.#session;
    if (session.isEnding) return;
    this.#own = work()
      .catch((thrown: unknown) => {
        const error = fileError(thrown, '');
        if (error instanceof TransferBroken) return reply(426, error.reason);
        if (error instanceof Refusal) return error.reply;
        if (error instanceof AppError) return replyToError(error, true);
        throw error;
      })
      .then((answer) => {
        if (answer) session.send(answer);
      })
      .finally(() => {
        if (session.transfer) session.transferEnded(session.transfer, 'done');
        session.commandEnded();
        this.#own = undefined;
      });
  }

  async #store(arg: string): Promise<Reply> {
    const session = this.#session;
    const { said } = session.told;
    const { announced } = said;
    session.tell({ said: stillSaid(said, 'STOR', true) });
    let isRead = false;
    try {
      session.requireAccess('publisher');
      const path = session.pathOf(arg);
      const { start } = rangeOf(said, session.told.converts);
      const transfer = new Transfer('upload', path, session.context.clock.now(), () => undefined);
      session.transferBegins(transfer);
      transfer.signal.addEventListener('abort', () => this.#socket.onData());
      const restartAt = start > 0 ? { restartAt: start } : {};
      const upload = await session.files.beginUpload(path, { by: session.actor, ...restartAt });
      try {
        for (let next = await this.#next(transfer); next !== 'end'; next = await this.#next(transfer)) {
          transfer.moved(next.length);
          await upload.write(next);
        }
        isRead = true;
        if (judgeEnd(transfer.bytes, upload.offset, announced) === 'short') throw new TransferBroken('short');
        await upload.flush();
        transfer.signal.throwIfAborted();
        session.beginCommit();
        await upload.commit(announced.expected);
        return reply(226, 'The file is there.');
      } catch (error) {
        await upload.breakOff(error instanceof TransferBroken ? error.reason : 'error');
        throw error;
      }
    } finally {
      // What a client has sent of a file that is not taken.
      while (!isRead && !session.isEnding && (await this.#next()) !== 'end');
    }
  }

  async #list(arg: string): Promise<undefined> {
    const { files } = this.#session;
    const path = this.#session.folderOf(arg);
    if ((await files.stat(path)).kind !== 'dir') throw new Refusal(501, 'no folder');
    const entries: Entry[] = [];
    for await (const { name, kind, size, mtime } of await files.list(path))
      entries.push({ name, size: kind === 'file' ? size : undefined, mtime });
    this.#socket.reply(226, '', entries);
  }

  async #next(transfer?: Transfer): Promise<Uint8Array | 'end'> {
    for (;;) {
      transfer?.signal.throwIfAborted();
      const next = this.#socket.data.shift();
      if (next !== undefined) return next;
      if (this.#socket.destroyed) {
        if (!transfer) return 'end';
        throw new TransferBroken('reset');
      }
      await new Promise<void>((resolve) => {
        this.#socket.onData = resolve;
      });
    }
  }
}
