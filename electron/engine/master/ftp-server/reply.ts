import type { AppError, ErrorParams } from '../../../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../../../shared/errors/codes.ts';
import { sentence } from '../../../../shared/errors/sentences.en.ts';

/**
 * An answer on the control connection (RFC 959 §4.2). `lines` stand between the first and the last line of a longer one.
 * `after` runs once the reply has been handed to the socket.
 */
export interface Reply {
  readonly code: number;
  readonly text: string;
  readonly lines?: readonly string[];
  readonly after?: () => void;
}

export function reply(code: number, text: string, lines?: readonly string[]): Reply {
  return lines ? { code, text, lines } : { code, text };
}

/** A command that is refused: thrown by verbs, answered by the session. The text says why, and what to do. */
export class Refusal extends Error {
  readonly reply: Reply;

  constructor(code: number, text: string) {
    super(text);
    this.name = 'Refusal';
    this.reply = reply(code, text);
  }
}

/** The text of a reply as it is sent. Lines between begin with a space, so that none can be taken for the last (RFC 2389 §3.2). */
export function formatReply({ code, text, lines }: Reply): string {
  if (!lines) return `${code} ${oneLine(text)}\r\n`;
  const between = lines.map((line) => ` ${oneLine(line)}\r\n`).join('');
  return `${code}-${oneLine(text)}\r\n${between}${code} End\r\n`;
}

/**
 * The reply to an expected failure. Never holds what `params` hold apart from numbers: they may name folders of this machine.
 * `storesName`: the command gives a file its name; only such ones answer 553 (RFC 959 §5.4), all others 550.
 */
export function replyToError(error: AppError, storesName = false): Reply {
  const numbers: ErrorParams = Object.fromEntries(
    Object.entries(error.params).filter(([, value]) => typeof value === 'number'),
  );
  const code = codes[error.code] ?? 451;
  const text = texts[error.code];
  if (text !== undefined) return reply(code, text);
  // It is about what went without FTP: nothing waits for it, and the client has no option for it.
  const params = error.code === 'guard.held' ? { ...numbers, flag: RESCAN } : numbers;
  return reply(code === 553 && !storesName ? 550 : code, sentence({ code: error.code, params }));
}

const RESCAN = 'lockstep site rescan SITE --allow-deletes';

/** Where the sentence for people is not the right one. */
const texts: Partial<Record<ErrorCode, string>> = {
  // Nothing waits here that would go on by itself.
  'file.disk-full': 'There is no space left at the server for this. Free some space there, and send the command again.',
  // These words clients look for: FluentFTP lists the whole folder where they are missing.
  'file.not-found': 'No such file or directory. Check the name: upper and lower case differ.',
  // What mirrors can do about theirs is no client's.
  'site.root-missing':
    'The folder of the site is not there, or its disk is not mounted; nothing in it is taken for gone. Send the command again when it is back.',
};

/** RFC 959 §4.2.2 and §5.4, RFC 3659 §5; 554 after RFC 1123 §4.1.2.13. What is not here is 451, a local error. */
const codes: Partial<Record<ErrorCode, number>> = {
  'path.invalid': 553,
  'path.reserved': 553,
  'path.too-long': 553,
  'path.link': 550,
  'path.within-itself': 553,
  'path.case-clash': 553,
  'path.unsupported-name': 553,
  'file.not-found': 550,
  'file.exists': 550,
  'file.is-directory': 550,
  'file.not-directory': 550,
  'file.relative': 553,
  'file.directory-not-empty': 550,
  'file.time': 550,
  'file.denied': 550,
  'file.read-only': 550,
  'file.disk-full': 452,
  'file.other-disk': 553,
  'file.io': 451,
  'file.changed': 450,
  'upload.changed': 450,
  'upload.aborted': 426,
  'upload.unclosed': 426,
  'upload.short': 426,
  'upload.bad-restart': 554,
  'upload.other-version': 554,
  'upload.hash-mismatch': 550,
  'upload.too-large': 552,
  'guard.held': 450,
  'release.unknown': 550,
  'release.open': 503,
  'release.none-open': 503,
  'release.empty': 550,
  'release.conflict': 550,
  'release.changed-since': 550,
  'release.version-missing': 550,
  'release.too-large': 552,
  'limit.exceeded': 450,
};

function oneLine(text: string): string {
  return text.replace(/[\r\n\0]/g, ' ');
}
