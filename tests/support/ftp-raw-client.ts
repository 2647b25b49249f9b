import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { expect, onTestFinished } from 'vitest';
import { PASSWORD } from './ftp-server.ts';

/** An FTP client that sends exactly what it is told to: a test's hands on both connections. */
export class RawFtp {
  readonly #port: number;
  readonly #localAddress: string;
  socket: Socket;
  /** What the server has said of options of telnet, in hexadecimal digits. */
  telnet = '';
  #text = '';
  #closed = false;
  #wake: () => void = () => {};

  private constructor(port: number, socket: Socket, localAddress: string) {
    this.#port = port;
    this.#localAddress = localAddress;
    this.socket = socket;
    this.#listen(socket);
    onTestFinished(() => {
      this.socket.destroy();
    });
  }

  /** Connected, and the greeting read. */
  static async connect(port: number, localAddress = '127.0.0.1'): Promise<RawFtp> {
    const host = localAddress.includes(':') ? localAddress : '127.0.0.1';
    const socket = connect({ port, host, localAddress, noDelay: true });
    const client = new RawFtp(port, socket, localAddress);
    await client.reply();
    return client;
  }

  static async login(
    port: number,
    user = 'publisher',
    password = PASSWORD,
    localAddress = '127.0.0.1',
  ): Promise<RawFtp> {
    const client = await RawFtp.connect(port, localAddress);
    await client.command(`USER ${user}`);
    const answer = await client.command(`PASS ${password}`);
    if (!answer.startsWith('230')) throw new Error(answer);
    return client;
  }

  write(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** Sends a line; resolves the reply to it. */
  command(line: string): Promise<string> {
    this.write(`${line}\r\n`);
    return this.reply();
  }

  /** The next reply, without its last line's end; lines of longer ones are joined by `\n`. Rejects when the connection is closed. */
  async reply(): Promise<string> {
    for (;;) {
      const lines = this.#text.split('\r\n');
      const code = /^\d{3}(?=-)/.exec(lines[0] ?? '')?.[0];
      const end = code === undefined ? 0 : lines.findIndex((line, index) => index > 0 && line.startsWith(`${code} `));
      if (end >= 0 && end < lines.length - 1) {
        this.#text = lines.slice(end + 1).join('\r\n');
        return lines.slice(0, end + 1).join('\n');
      }
      if (this.#closed) throw new Error(`closed${this.#text === '' ? '' : ` after ${this.#text}`}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Resolves once the server has closed, with what had not been read of its replies. */
  async closed(): Promise<string> {
    while (!this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#text;
  }

  /** The port of a fresh EPSV. */
  async passive(): Promise<number> {
    const port = /\|\|\|(\d+)\|/.exec(await this.command('EPSV'))?.[1];
    if (port === undefined) throw new Error('no port');
    return Number(port);
  }

  /** A data connection over a fresh EPSV. */
  async data(): Promise<Socket> {
    return open(await this.passive(), this.#localAddress);
  }

  /** Sends `content` with `command` (STOR, APPE …); the last reply. */
  async upload(command: string, content: string | Buffer): Promise<string> {
    const data = await this.data();
    const opening = await this.command(command);
    if (!opening.startsWith('150')) {
      data.destroy();
      return opening;
    }
    data.end(content);
    return this.reply();
  }

  /** What comes with `command` (RETR, LIST …). Rejects with the reply where it is refused. */
  async download(command: string): Promise<Buffer> {
    const data = await this.data();
    const content = readAll(data);
    const opening = await this.command(command);
    if (!opening.startsWith('150')) {
      data.destroy();
      throw new Error(opening);
    }
    const bytes = await content;
    const last = await this.reply();
    if (!last.startsWith('226')) throw new Error(last);
    return bytes;
  }

  async listing(command: string): Promise<string[]> {
    return (await this.download(command)).toString().split('\r\n').slice(0, -1);
  }

  /** Goes on in TLS after a 234. */
  async startTls(options: object = {}): Promise<TLSSocket> {
    this.socket.removeAllListeners('data');
    this.socket.removeAllListeners('close');
    const secured = connectTls({ socket: this.socket, rejectUnauthorized: false, ...options });
    this.socket = secured;
    this.#listen(secured);
    await new Promise<void>((resolve, reject) => {
      secured.once('secureConnect', resolve);
      secured.once('error', reject);
      secured.once('close', () => reject(new Error('closed in the handshake')));
    });
    return secured;
  }

  get port(): number {
    return this.#port;
  }

  #withoutTelnet(chunk: Buffer): string {
    // oxlint-disable-next-line no-control-regex -- bytes, not characters
    const text = chunk.toString('latin1').replace(/\xff[\xfb-\xfe][\0-\xff]/g, (option) => {
      this.telnet += Buffer.from(option, 'latin1').toString('hex');
      return '';
    });
    return Buffer.from(text, 'latin1').toString('utf8');
  }

  #listen(socket: Socket): void {
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      this.#text += this.#withoutTelnet(chunk);
      this.#wake();
    });
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }
}

export async function open(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const host = localAddress.includes(':') ? localAddress : '127.0.0.1';
  const socket = connect({ port, host, localAddress, noDelay: true });
  onTestFinished(() => {
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => {});
  return socket;
}

export async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  return Buffer.concat(chunks);
}

/** Sends each line and compares its reply's beginning. */
export async function expectAnswers(client: RawFtp, answers: readonly [string, string][]): Promise<void> {
  const got: [string, string][] = [];
  for (const [command, answer] of answers) got.push([command, (await client.command(command)).slice(0, answer.length)]);
  expect(got).toEqual(answers);
}
