import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Node } from './node.ts';

const SAMPLE_MILLIS = 3000;
/** Below so many samples a series says nothing about growth. */
const SAMPLES_MIN = 40;
/** At rest, and while at work: there V8's heap is as large as its busiest moment was, until it has rested for a while. */
const REST_GROWTH = { bytes: 32 * 2 ** 20, share: 0.15 };
const WORK_GROWTH = { bytes: 128 * 2 ** 20, share: 0.75 };
/** The write-ahead log of the database is folded in at 1,000 pages of 4 KiB; a reader can hold that up for a moment. */
const WAL_BYTES_MAX = 64 * 2 ** 20;

export interface Sample {
  readonly bytes: number;
  /** All, and those of them that are connections. */
  readonly descriptors: number;
  readonly sockets: number;
  readonly walBytes: number;
}

/** Looks at the memory and descriptors of each process again and again. A process that is started anew begins a new series. */
export class Gauge {
  readonly #nodes: readonly Node[];
  readonly #series = new Map<string, Sample[]>();
  readonly #timer: NodeJS.Timeout;

  constructor(nodes: readonly Node[]) {
    this.#nodes = nodes;
    this.#timer = setInterval(() => this.#look(), SAMPLE_MILLIS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** What has grown: the median of a series' last quarter against that of its second. */
  get faults(): string[] {
    return [...this.#series].flatMap(([name, samples]) => {
      const wal = Math.max(...samples.map(({ walBytes }) => walBytes));
      const large = wal > WAL_BYTES_MAX ? [`${name}: the write-ahead log came to ${mib(wal)}`] : [];
      if (samples.length < SAMPLES_MIN) return large;
      const { second, last } = quarters(samples);
      return !hasGrown(second.bytes, last.bytes, WORK_GROWTH)
        ? large
        : [...large, `${name}: memory grew from ${mib(second.bytes)} to ${mib(last.bytes)}`];
    });
  }

  /** The series that are long enough to say something. */
  get lines(): string[] {
    return [...this.#series].flatMap(([name, samples]) => {
      if (samples.length < SAMPLES_MIN) return [];
      const { second, last } = quarters(samples);
      const wal = Math.max(...samples.map(({ walBytes }) => walBytes));
      return [
        `${name}, ${Math.round((samples.length * SAMPLE_MILLIS) / 1000)} s: memory ${mib(second.bytes)} → ${mib(last.bytes)}, ` +
          `descriptors ${second.descriptors} → ${last.descriptors}, write-ahead log up to ${mib(wal)}`,
      ];
    });
  }

  #look(): void {
    for (const node of this.#nodes) {
      const sample = sampleOf(node);
      if (sample === undefined) continue;
      const name = `${node.name} (start ${node.starts})`;
      this.#series.set(name, [...(this.#series.get(name) ?? []), sample]);
    }
  }
}

/** Whether a process at rest holds more than it did at rest before. */
export function hasGrownAtRest(was: number, is: number): boolean {
  return hasGrown(was, is, REST_GROWTH);
}

function hasGrown(was: number, is: number, allowed: { readonly bytes: number; readonly share: number }): boolean {
  return is > was + Math.max(allowed.bytes, was * allowed.share);
}

/** Undefined: it does not run, or has just ended. */
export function sampleOf({ pid, dataDir }: Node): Sample | undefined {
  if (pid === undefined) return undefined;
  try {
    const [, kib = '0'] = /^VmRSS:\s+(\d+) kB/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    const wal = statSync(join(dataDir, 'lockstep.db-wal'), { throwIfNoEntry: false })?.size ?? 0;
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => targetOf(`/proc/${pid}/fd/${fd}`));
    const sockets = open.filter((target) => target.startsWith('socket:')).length;
    return { bytes: Number(kib) * 1024, descriptors: open.length, sockets, walBytes: wal };
  } catch {
    return undefined;
  }
}

/** Empty: it has just been closed. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

export function mib(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

function quarters(samples: readonly Sample[]): { second: Sample; last: Sample } {
  const quarter = Math.floor(samples.length / 4);
  return { second: median(samples.slice(quarter, 2 * quarter)), last: median(samples.slice(-quarter)) };
}

function median(samples: readonly Sample[]): Sample {
  const of = (key: keyof Sample): number =>
    samples.map((each) => each[key]).toSorted((a, b) => a - b)[samples.length >> 1] ?? 0;
  return { bytes: of('bytes'), descriptors: of('descriptors'), sockets: of('sockets'), walBytes: of('walBytes') };
}
