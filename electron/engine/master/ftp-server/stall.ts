import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

interface StallWatch {
  /** From now on so many milliseconds without a move are enough. */
  hurry(millis: number): void;
  stop(): void;
}

interface StallOptions {
  readonly millis: number;
  /** What keeps the connection quiet is on our side. */
  readonly isOurs: () => boolean;
  /** Bytes that the system holds of what was sent, where something is sent and it tells. */
  readonly held?: (() => Promise<number>) | undefined;
  readonly onStall: () => void;
}

const LOOKS = 4;

/**
 * Tells when nothing has moved for so long. The system takes megabytes of what is sent before it says that it is full, and that there is
 * room only when a third of that is gone: a client that reads slowly looks like one that does not read. So where it tells what
 * it holds, that has to be the same at each look, at a quarter of the time after the other.
 */
export function watchStall(
  data: Pick<Socket, 'setTimeout' | 'bytesWritten'>,
  { millis, isOurs, held, onStall }: StallOptions,
): StallWatch {
  const looks = held ? LOOKS : 1;
  let isOver = false;
  let [mark, alike] = ['', 0];
  const look = async (): Promise<void> => {
    const now = held ? `${data.bytesWritten} ${await held()}` : '';
    if (isOver) return;
    alike = isOurs() ? 0 : now === mark ? alike + 1 : 1;
    mark = now;
    // A listener hears one timeout and no more.
    if (alike < looks) data.setTimeout(millis / looks, onTimeout);
    else onStall();
  };
  const onTimeout = (): void => void look();
  data.setTimeout(millis / looks, onTimeout);
  return {
    hurry(shorter) {
      millis = Math.min(millis, shorter);
      data.setTimeout(millis / looks);
    },
    stop() {
      isOver = true;
      data.setTimeout(0, onTimeout);
    },
  };
}

/** What the other end's system has not taken yet of what was sent to it, in bytes; 0 where this system does not tell (all but Linux). */
export async function heldBySystem({ localPort, remotePort }: Socket): Promise<number> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((table) => readFile(`/proc/self/net/${table}`, 'latin1').catch(() => '')),
  );
  const port = (number = 0): string => number.toString(16).toUpperCase().padStart(4, '0');
  const row = new RegExp(`:${port(localPort)} [0-9A-F]+:${port(remotePort)} [0-9A-F]{2} ([0-9A-F]{8}):`);
  return Number.parseInt(row.exec(tables.join('\n'))?.[1] ?? '0', 16);
}
