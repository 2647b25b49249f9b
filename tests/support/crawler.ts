import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

export interface CrawlTask {
  /** The mirror's folder. */
  readonly root: string;
  /** `http`: through a small static web server over it. */
  readonly through: 'files' | 'http';
  /** Pages and what they are made of are of the same generation. */
  readonly whole: boolean;
}

/** Something that a visitor would have seen broken. */
export interface Fault {
  readonly page: string;
  readonly target: string;
  /** Generations: of the page, and of what it found there; null: nothing. */
  readonly generation: number;
  readonly found: number | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface CrawlReport {
  readonly rounds: number;
  readonly documents: number;
  readonly links: number;
  /** Links to a file that is not there, and files of a page that are older than it. */
  readonly faults: readonly Fault[];
  /** A page stood beside a file of its that is newer: the moment in which a set is published. */
  readonly mixes: number;
  /** From the moment such a file was found to that at which the page was new too. */
  readonly mixMillisMax: number;
}

export interface Crawler {
  /** Resolves once the site was read from one end to the other once more. */
  stop(): Promise<CrawlReport>;
}

/** Reads a site round and round in a thread of its own, so that it sees what stands between two steps of the engine. */
export function startCrawler(task: CrawlTask): Crawler {
  const worker = new Worker(new URL('./crawler-thread.ts', import.meta.url), { workerData: task });
  let failure: Error | undefined;
  worker.on('error', (error: Error) => {
    failure = error;
  });
  const exited = once(worker, 'exit');
  onTestFinished(async () => void (await worker.terminate()));
  return {
    stop: async () => {
      const reported: Promise<unknown[]> = once(worker, 'message');
      worker.postMessage('stop');
      await Promise.race([reported, exited]);
      if (failure !== undefined) throw failure;
      const [report] = await reported;
      await exited;
      return report as CrawlReport; // What the thread posts.
    },
  };
}
