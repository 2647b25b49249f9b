import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { main } from '../../electron/entry/cli/main.ts';
import { usualPlace } from '../../electron/entry/cli/values.ts';

/*
 * Command lines without a process of their own, for shell scripts with dozens of them: Node takes half a second of a processor to
 * start. A caller sends strings that end with NUL: its folder, HOME, LOCKSTEP_DATA, what stands at its standard input, the number of
 * its arguments, and these; and is sent standard output, standard error and the exit code in the same way.
 */

/** Resolves the port at which it listens on loopback, until the test has finished. */
export async function serveCommands(): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    let heard = '';
    let isComplete = false;
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
      const words = heard.split('\0');
      if (isComplete || words.length < 6 || words.length < 6 + Number(words[4])) return;
      isComplete = true;
      void answer(words).then((reply) => socket.end(reply));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

async function answer([cwd = '', home = '', data = '', input = '', count = '', ...args]: string[]): Promise<string> {
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    out: (line: string) => void out.push(`${line}\n`),
    err: (line: string) => void err.push(`${line}\n`),
    stdin: Readable.from(input === '' ? [] : [Buffer.from(input)]) as NodeJS.ReadStream,
    outIsTerminal: false,
    errIsTerminal: false,
    // Whose home it is, this process does not know by itself.
    env: { LOCKSTEP_DATA: data === '' ? usualPlace(process.platform, {}, home) : data },
    cwd,
    now: () => Date.now(),
  };
  const code = await main(args.slice(0, Number(count)), io).catch((error: unknown) => {
    err.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 255;
  });
  return `${out.join('')}\0${err.join('')}\0${code}\0`;
}
