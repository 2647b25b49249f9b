import { AppError } from '../../../../shared/errors/app-error.ts';
import { fileError } from '../../tree/file-error.ts';
import { type Command, parseCommand } from './command.ts';
import {
  COMMANDS_BEFORE_LOGIN_MAX,
  LINE_BYTES_MAX,
  LINE_SKIP_BYTES_MAX,
  QUEUED_BEFORE_LOGIN_MAX,
  QUEUED_COMMANDS_MAX,
} from './limits.ts';
import type { Line } from './line-reader.ts';
import { Refusal, type Reply, reply, replyToError } from './reply.ts';
import { stillSaid } from './said.ts';
import type { Commands, Session } from './session.ts';
import { notServed } from './verbs/not-served.ts';
import { verbs } from './verbs/table.ts';

/** The commands of one session, which wait for their turn and are run one after the other. */
export class CommandQueue implements Commands {
  readonly #session: Session;
  readonly #queue: Command[] = [];
  #working: Promise<void> | undefined;
  #taken = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  drop(): void {
    this.#queue.length = 0;
  }

  get isRunning(): boolean {
    return this.#working !== undefined;
  }

  done(): Promise<void> {
    return this.#working ?? Promise.resolve();
  }

  take(line: Line): void {
    const session = this.#session;
    if (session.isEnding) return;
    this.#taken += 1;
    if (session.access.kind !== 'in' && this.#taken > COMMANDS_BEFORE_LOGIN_MAX) {
      session.end(reply(421, 'Too many commands before a login: connect again, and log in.'));
      return;
    }
    const command: Command = line.kind === 'line' ? parseCommand(line.bytes) : TOO_LONG;
    if (line.kind === 'too-long' && line.skipped > LINE_SKIP_BYTES_MAX) {
      session.end(reply(500, TOO_LONG.why));
      return;
    }
    if (session.transfer && this.#takeUrgent(command)) return;
    this.#queue.push(command);
    if (this.#queue.length > (session.access.kind === 'in' ? QUEUED_COMMANDS_MAX : QUEUED_BEFORE_LOGIN_MAX)) {
      if (session.transfer) session.end(reply(421, 'Too many commands during a transfer: wait for its reply.'));
      else session.control.pause();
    }
    if (!this.#working) {
      this.#working = this.#work().finally(() => {
        this.#working = undefined;
      });
    }
  }

  /** ABOR, STAT and NOOP are heard during a transfer (RFC 959 §4.1.3). True where the command has been answered. */
  #takeUrgent(command: Command): boolean {
    const session = this.#session;
    const { transfer } = session;
    if (command.kind !== 'command' || !transfer) return false;
    if (command.verb === 'ABOR') session.abortTransfer('abort');
    // A client that sends everything in one go takes the first reply for that of the transfer.
    if (this.#queue.length > 0 || !transfer.isOpen) return false;
    if (command.verb === 'NOOP') session.send(reply(200, 'The transfer goes on.'));
    else if (command.verb === 'STAT' && command.arg === '') {
      session.send(reply(213, `The ${transfer.kind} goes on: ${transfer.bytes} bytes so far.`));
    } else return false;
    return true;
  }

  /** Commands run one after the other; each is answered before the next is begun. */
  async #work(): Promise<void> {
    const session = this.#session;
    for (let command = this.#queue.shift(); command && !session.isEnding; command = this.#queue.shift()) {
      await this.#run(command);
      if (this.#queue.length === QUEUED_COMMANDS_MAX / 2 || this.#queue.length === 0) session.control.resume();
    }
  }

  async #run(command: Command): Promise<void> {
    const session = this.#session;
    try {
      const answer = await this.#answer(command);
      if (answer && answer.code >= 400) this.#refuse(command, answer);
      else if (answer) session.send(answer);
    } catch (thrown) {
      // What a disk cannot read, say, ends no session.
      const error = this.#whyNot(fileError(thrown, ''));
      if (error instanceof Refusal) this.#refuse(command, error.reply);
      else if (error instanceof AppError) {
        const storesName = command.kind === 'command' && verbs.get(command.verb)?.storesName === true;
        this.#refuse(command, replyToError(error, storesName));
      } else {
        session.logger.error(
          { err: error, verb: command.kind === 'command' ? command.verb : '' },
          'a bug in the FTP server',
        );
        session.end(reply(421, 'Something went wrong here, and the log says what: connect again.'));
      }
    } finally {
      session.commandEnded();
    }
  }

  /** Where the folder of the site is not there, its disk not mounted, say, no client is told that what is in it is gone. */
  #whyNot(error: unknown): unknown {
    const { access } = this.#session;
    const isGone = error instanceof AppError && error.code === 'file.not-found';
    return (isGone && access.kind === 'in' && access.login.files.trouble) || error;
  }

  /** Why a client does not get on stands in the log, for whoever records that much. */
  #refuse(command: Command, answer: Reply): void {
    const session = this.#session;
    const verb = command.kind === 'command' ? command.verb : '';
    session.logger.debug(
      { verb, ...shownArgument(command), reply: answer.code, why: answer.text },
      'a command was refused',
    );
    session.send(answer);
  }

  async #answer(command: Command): Promise<Reply | undefined> {
    const session = this.#session;
    if (command.kind === 'malformed') return reply(500, command.why);
    const { verb: name, arg } = command;
    const verb = verbs.get(name);
    const { said } = session.told;
    session.tell({ said: stillSaid(said, name, verb?.data === true && verb.storesName === true) });
    session.logger.trace({ verb: name, ...shownArgument(command) }, 'command');
    if (!verb) return notServed(name);
    if (verb.needs !== 'nothing') session.requireAccess(verb.needs);
    if (verb.syntax === '' && arg.trim() !== '') return reply(501, `${name} takes no argument: send it alone.`);
    if (verb.data) session.control.resume();
    return verb.run({ session, arg, name, said, verbs });
  }
}

/** For the log. What stands after USER, or a command that is none, may be a password all the same: PASS can be mistyped. */
function shownArgument(command: Command): { arg?: string } {
  if (command.kind !== 'command' || !verbs.has(command.verb)) return {};
  return command.verb === 'PASS' || command.verb === 'USER' ? {} : { arg: command.arg };
}

const TOO_LONG = { kind: 'malformed', why: `A command may have ${LINE_BYTES_MAX} bytes: shorten the name.` } as const;
