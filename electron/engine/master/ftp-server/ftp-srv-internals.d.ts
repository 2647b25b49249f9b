import type { Socket, Server } from 'node:net';

/** The parts of ftp-srv 4.6.3 that Lockstep builds on and that its own types leave out (src/server.js, src/connection.js). */
declare module 'ftp-srv' {
  interface FtpServer {
    readonly server: Server;
    connections: Record<string, FtpConnection>;
    emit(event: string, ...values: unknown[]): boolean;
    on(event: 'connect', listener: (data: { connection: FtpConnection; id: string }) => void): this;
    on(event: 'server-error', listener: (data: { error: Error }) => void): this;
  }
  interface FtpConnection {
    readonly id: string;
    commandSocket: Socket;
    connector: { end(): void };
    commands: { handle(line: string): Promise<unknown> };
    authenticated?: boolean;
    username?: string;
    fs?: unknown;
    login(user: string, password: string): Promise<void>;
    removeAllListeners(): this;
  }
}
