import { simulation } from '../current.ts';
import type { Process } from '../process.ts';

/** What becomes of files is told to whoever watches the trees. */
export type OnFileChange = (path: string, process: Process | undefined) => void;

let onChange: OnFileChange | undefined;
const open = new Map<number, () => void>();

export function watchFiles(listener: OnFileChange | undefined): void {
  onChange = listener;
}

export function changed(...paths: readonly unknown[]): void {
  const { process } = simulation().scheduler;
  for (const path of paths) if (typeof path === 'string') onChange?.(path, process);
}

/** A descriptor goes with its process, as a system would see to it. */
export function opened(fd: number, close: () => void): void {
  const { process } = simulation().scheduler;
  if (process) open.set(fd, process.atEnd(close));
}

export function closed(fd: number): void {
  open.get(fd)?.();
  open.delete(fd);
}

/** A call that the thread pool would do: it happens, and answers, some time later. */
export function later<T>(name: string, work: () => T): Promise<T> {
  const { scheduler } = simulation();
  return new Promise((resolve, reject) => {
    scheduler.after(scheduler.random.between(0.02, 0.6), name, () => {
      try {
        resolve(work());
      } catch (error) {
        reject(error as Error);
      }
    });
  });
}
