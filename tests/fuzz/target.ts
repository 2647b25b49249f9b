import type { Random } from './random.ts';

/** Something that reads what strangers send. A case is JSON, so that one that failed can be kept and replayed. */
export interface FuzzTarget<Case = unknown> {
  readonly name: string;
  /** Cases of a short run, which takes a second or two. */
  readonly shortRun: number;
  /** Cases that run at the same time; absent: one after the other. Where most of a case is waiting, many. */
  readonly width?: number;
  generate(random: Random): Case;
  /** For so many cases at a time. */
  start(width: number): Promise<Running<Case>>;
}

export interface Running<Case = unknown> {
  /** Throws where something that must hold did not hold. */
  attempt(input: Case): Promise<void> | void;
  /** Whether it still works, and touched nothing that it must not. Throws. */
  verify(): Promise<void> | void;
  stop(): Promise<void>;
}

class Violation extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Violation';
  }
}

export function demand(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Violation(message);
}
