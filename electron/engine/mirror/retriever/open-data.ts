import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import type { Client } from 'basic-ftp';

/** What is read at once. */
const READ_BYTES = 256 * 1024;

/** Whoever reads what comes. */
export interface DataReader {
  /** The bytes stay as they are until they have been read. */
  push(bytes: Buffer): void;
  /** Bytes that have not been read yet. */
  readonly pending: number;
}

export interface DataAddress {
  readonly host: string;
  readonly port: number;
}

/** Where the server expects the data connection (EPSV, RFC 2428). */
export async function askForData(client: Client): Promise<DataAddress> {
  const { message } = await client.send('EPSV');
  const port = Number(/\|\|\|(\d{1,5})\|/.exec(message)?.[1]);
  const host = client.ftp.socket.remoteAddress;
  if (host === undefined || !(port > 0 && port < 65_536)) throw new Error('the server named no port for data');
  return { host, port };
}

/**
 * Opens the data connection of a session, and secures it where the session is: one that stays open has no 150 to wait
 * for. What comes is read into the same buffers again and again: a fresh one for each read would keep V8 busy collecting them, and
 * basic-ftp has no way to say so. It is not told of the connection: when a session ends it takes all listeners off the one that it knows,
 * and who waits for that one would wait for ever. Resolves the connection, which is the caller's to close. `signal` gives it up.
 */
export async function openData(
  { ftp }: Client,
  address: DataAddress,
  reader: DataReader,
  stallMillis: number,
  signal: AbortSignal,
): Promise<Socket> {
  const options: TcpNetConnectOpts = { ...address, onread: intoFewBuffers(reader) };
  const session = ftp.tlsSessionStore ?? (ftp.socket instanceof TLSSocket ? ftp.socket.getSession() : undefined);
  const socket =
    ftp.socket instanceof TLSSocket
      ? connectTls({ ...ftp.tlsOptions, ...options, ...(session && { session }) })
      : connect(options);
  const giveUp = (): void => void socket.destroy();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => resolve());
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the data connection was closed')));
      socket.setTimeout(stallMillis, () => reject(new Error('timeout')));
    });
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
  socket.setTimeout(0);
  return socket;
}

/**
 * What is not read at once keeps its buffer, and the next bytes go to the other. TLS may bring more than it was asked for: where neither
 * is free they go to a new one.
 */
function intoFewBuffers(reader: DataReader): NonNullable<TcpNetConnectOpts['onread']> {
  let buffer: Buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  let other: Buffer | undefined;
  return {
    buffer: () => buffer,
    callback: (bytes) => {
      const isOtherFree = reader.pending === 0;
      const filled = buffer;
      reader.push(filled.subarray(0, bytes));
      if (reader.pending === 0) return true;
      buffer = (isOtherFree ? other : undefined) ?? Buffer.allocUnsafeSlow(READ_BYTES);
      other = isOtherFree ? filled : undefined;
      return true;
    },
  };
}
