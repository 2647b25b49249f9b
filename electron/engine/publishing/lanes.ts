import { AppError } from '../../../shared/errors/app-error.ts';
import type { Logger } from '../ports.ts';
import type { Connection } from './connection.ts';
import type { Opened, Way } from './way.ts';

/** The sessions of one attempt: the first is there from the start, others are opened when there is work for them. */
export class Lanes {
  readonly #way: Way;
  readonly #signal: AbortSignal;
  readonly #logger: Logger;
  readonly #connections: Connection[];
  /** The server does not let more in. */
  #isFull = false;

  private constructor(way: Way, first: Connection, signal: AbortSignal, logger: Logger) {
    this.#way = way;
    this.#connections = [first];
    this.#signal = signal;
    this.#logger = logger;
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  /** Resolves what became of the drop instead, where that was decided when the last connection was lost. */
  static async open(
    way: Way,
    signal: AbortSignal,
    logger: Logger,
  ): Promise<{ lanes: Lanes; isNew: boolean } | Extract<Opened, { is: 'published' }>> {
    const opened = await way.open(signal);
    if (opened.is === 'published') return opened;
    return { lanes: new Lanes(way, opened.connection, signal, logger), isNew: opened.isNew };
  }

  get first(): Connection {
    const [first] = this.#connections;
    if (!first) throw new TypeError('lanes without a connection');
    return first;
  }

  /** Runs `work` for each item, as many at a time as there are lanes. The first failure ends all of it. */
  async each<T>(
    items: readonly T[],
    width: number,
    work: (connection: Connection, item: T) => Promise<void>,
  ): Promise<void> {
    let next = 0;
    const failures: unknown[] = [];
    const lane = async (index: number): Promise<void> => {
      const connection = await this.#lane(index);
      if (!connection) return;
      try {
        for (let item = items[next++]; item !== undefined; item = items[next++]) await work(connection, item);
      } catch (error) {
        next = items.length;
        // What the others do now is of no use; what they did so far stays.
        if (failures.push(error) === 1) this.close();
      }
    };
    await Promise.all(
      Array.from({ length: Math.min(width, this.#way.width, items.length) }, (_, index) => lane(index)),
    );
    if (this.#signal.aborted) throw new AppError('cancelled');
    if (failures.length > 0) throw failures[0];
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#abort);
    for (const connection of this.#connections) connection.close();
  }

  async end(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.end()));
    this.close();
  }

  readonly #abort = (): void => this.close();

  async #giveUp(connection: Connection): Promise<undefined> {
    try {
      await this.#way.abort(connection);
    } finally {
      connection.close();
    }
  }

  async #lane(index: number): Promise<Connection | undefined> {
    const there = this.#connections[index];
    if (there || this.#isFull) return there;
    try {
      const opened = await this.#way.open(this.#signal);
      if (opened.is !== 'open') return undefined;
      // It cannot begin what the others are in the midst of: theirs is gone, which they are about to find out.
      if (opened.isNew) return await this.#giveUp(opened.connection);
      if (this.first.closed) {
        opened.connection.close();
        return undefined;
      }
      this.#connections.push(opened.connection);
      return opened.connection;
    } catch (error) {
      this.#logger.debug({ err: error }, 'the server lets no more sessions in: those that are open go on');
      this.#isFull = true;
      return undefined;
    }
  }
}
