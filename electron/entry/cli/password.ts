import { randomInt } from 'node:crypto';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Io } from './command.ts';
import { wrong } from './parse.ts';

const INPUT_CHARACTERS_MAX = 4096;

/** 24 characters of 56 that are not mistaken for one another: 139 bits. */
export function generatePassword(): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  return Array.from({ length: 24 }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/** The first line of standard input. */
export async function readPassword(stdin: NodeJS.ReadStream): Promise<string> {
  let text = '';
  stdin.setEncoding('utf8');
  for await (const chunk of stdin as AsyncIterable<string>) {
    text += chunk;
    if (text.length > INPUT_CHARACTERS_MAX) throw new AppError('account.bad-password');
    if (text.includes('\n')) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? '';
}

/** Asks at the terminal, twice, without showing what is typed. Empty: no password was given. */
export async function askPassword(io: Io): Promise<string> {
  const first = await prompt(io, 'Password (empty: one is made): ');
  if (first === '') return '';
  const second = await prompt(io, 'Once more: ');
  if (first !== second) throw wrong('The two passwords differ', 'Try again');
  return first;
}

/** Asks at the terminal for one that somebody else has set. */
export function askOnce(io: Io, question: string): Promise<string> {
  return prompt(io, question);
}

function prompt({ stdin }: Io, question: string): Promise<string> {
  process.stderr.write(question);
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = (): void => {
      stdin.off('data', read);
      stdin.setRawMode(false);
      stdin.pause();
      process.stderr.write('\n');
    };
    const read = (chunk: string): void => {
      for (const character of chunk) {
        if (character === '\r' || character === '\n' || character === '\u0004') {
          end();
          resolve(typed);
          return;
        }
        if (character === '\u0003') {
          end();
          reject(new AppError('cancelled'));
          return;
        }
        if (character === '\u007f' || character === '\b') typed = typed.replace(/.$/su, '');
        else if (character >= ' ') typed += character;
      }
    };
    stdin.setRawMode(true);
    stdin.setEncoding('utf8');
    stdin.on('data', read);
    stdin.resume();
  });
}
