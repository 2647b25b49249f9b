import type { Reply } from '../reply.ts';
import type { Said } from '../said.ts';
import type { Session } from '../session.ts';

/** One call of a verb. */
export interface Call {
  readonly session: Session;
  /** As the client wrote it. */
  readonly name: string;
  readonly arg: string;
  /** By the commands before it. */
  readonly said: Said;
  /** All that is served, for HELP. */
  readonly verbs: ReadonlyMap<string, Verb>;
}

/** A command of FTP. `run` resolves its last reply, or undefined where it has sent it; it throws a `Refusal` or an `AppError`. */
export interface Verb {
  readonly needs: 'nothing' | 'account' | 'publisher';
  /** For HELP: what stands after the name. Empty: nothing may. */
  readonly syntax: string;
  /** It opens a data connection. */
  readonly data?: true;
  /** It gives something the name that stands after it: a name that cannot be is a 553. */
  readonly storesName?: true;
  run(call: Call): Reply | undefined | Promise<Reply | undefined>;
}

export type Verbs = Readonly<Record<string, Verb>>;
