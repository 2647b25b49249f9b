import type { FtpCommand } from '../network/ftp-protocol.ts';
import { type JournalModel, PUBLISHER, type Row } from './journal-model.ts';

/** Something that a client asked for, and what it heard. */
export interface Asked {
  readonly command: FtpCommand;
  readonly account: string;
  readonly sha256: string | undefined;
  /** Of the journal: see `JournalModel.era`. */
  readonly era: number;
  heard: 'nothing' | 'lost' | { readonly code: number; readonly seq: number | undefined };
}

/**
 * What clients were promised: each 226 has its row in the journal, that says what was asked for; and each row was asked for
 * by somebody.
 */
export class Promises {
  readonly #asked: Asked[] = [];
  #kept = 0;
  #lost = 0;

  get counts(): { readonly promises: number; readonly unknown: number } {
    return { promises: this.#kept, unknown: this.#lost };
  }

  ask(command: FtpCommand, era: number, sha256?: string): Asked {
    const asked: Asked = { command, account: PUBLISHER, sha256, era, heard: 'nothing' };
    this.#asked.push(asked);
    return asked;
  }

  lost(asked: Asked): void {
    asked.heard = 'lost';
    this.#lost += 1;
  }

  /** A reply has come. What is wrong about it, if something is. */
  heard(
    asked: Asked,
    reply: { readonly code: number; readonly seq?: number },
    model: JournalModel,
  ): string | undefined {
    asked.heard = { code: reply.code, seq: reply.seq };
    if (reply.code >= 300 || reply.seq === undefined) return undefined;
    // In a release nothing has a number before the commit.
    if (reply.seq === 0) return undefined;
    this.#kept += 1;
    return this.#check(asked, model.rowTold(reply.seq, asked.era), reply.seq);
  }

  /** At the end: all promises again. */
  check(model: JournalModel): string[] {
    return this.#asked.flatMap((asked) => {
      if (typeof asked.heard !== 'object') return [];
      const { code, seq } = asked.heard;
      if (code >= 300 || seq === undefined || seq === 0) return [];
      return this.#check(asked, model.rowTold(seq, asked.era), seq) ?? [];
    });
  }

  /** A row of the journal that nobody has asked for. */
  invented(row: Row): string | undefined {
    if (row.op === 'rules' || row.account !== PUBLISHER) return undefined;
    const found = this.#asked.findLast((asked) => isAskedFor(asked, row));
    return found ? undefined : `nobody asked for row ${row.seq}: ${row.op} ${row.path}`;
  }

  #check(asked: Asked, row: Row | undefined, seq: number): string | undefined {
    const { command } = asked;
    if (!row) return `a client heard that its ${command.do} is change ${seq}, and there is no such row`;
    if (command.do === 'commit')
      return row.release === row.seq ? undefined : `release ${seq} is not in the journal as one`;
    return isAskedFor(asked, row)
      ? undefined
      : `a client heard that its ${JSON.stringify(command)} is change ${seq}, and that is ${row.op} ${row.path}`;
  }
}

function isAskedFor({ command, sha256, account }: Asked, row: Row): boolean {
  if (row.account !== account) return false;
  switch (command.do) {
    case 'store':
      return row.op === 'put' && row.path === command.path && (sha256 === undefined || row.content?.sha256 === sha256);
    case 'delete':
      return row.op === 'delete' && row.path === command.path;
    case 'makeDir':
      return row.op === 'mkdir' && row.path === command.path;
    case 'removeDir':
      return (row.op === 'rmdir' || row.op === 'delete') && row.path === command.path;
    case 'rename':
      return row.release === undefined
        ? row.op === 'rename' && row.path === command.path && row.from === command.from
        : isWithin(row.path, command.path) || isWithin(row.path, command.from);
    case 'touch':
      return row.op === 'put' && row.path === command.path && row.content?.mtime === command.mtime;
    default:
      return false;
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
