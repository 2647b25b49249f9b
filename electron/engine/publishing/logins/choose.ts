import {
  type Target,
  type TargetPlace,
  TARGETS_MAX,
  targetPassword,
  targetPlace,
} from '../../../../shared/contract/publishing.ts';
import {
  IMPORT_ENTRIES_MAX,
  IMPORT_LENGTH_MAX,
  type ImportSkip,
  type TargetImport,
} from '../../../../shared/contract/target-import.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { readFileZilla } from './filezilla.ts';
import type { Login } from './login.ts';
import { readNetrc } from './netrc.ts';

export interface Chosen {
  readonly kind: TargetImport['kind'];
  /** Each with its password, where the file has one. */
  readonly targets: readonly { readonly place: TargetPlace; readonly password?: string }[];
  readonly skipped: TargetImport['skipped'];
}

/**
 * What of a file with logins can be saved as a target, under names that no target has yet. Throws `import.unknown`,
 * `import.encrypted`, `import.too-large`.
 */
export function chooseLogins(text: string, saved: readonly Pick<Target, keyof TargetPlace>[]): Chosen {
  if (text.length > IMPORT_LENGTH_MAX) throw new AppError('import.too-large');
  const { kind, logins } = readLogins(text.replace(/^\ufeff/u, ''));
  if (logins.length > IMPORT_ENTRIES_MAX) throw new AppError('import.too-large');
  const known: TargetPlace[] = [...saved];
  const targets: { place: TargetPlace; password?: string }[] = [];
  const skipped: { name: string; reason: ImportSkip }[] = [];
  for (const login of logins) {
    const checked = check(login, known);
    if (typeof checked === 'string') {
      skipped.push({ name: titleOf(login), reason: checked });
      continue;
    }
    known.push(checked);
    targets.push({ place: checked, ...(login.password && { password: login.password }) });
  }
  return { kind, targets, skipped };
}

function readLogins(text: string): { kind: TargetImport['kind']; logins: Login[] } {
  const filezilla = /^\s*</u.test(text) ? readFileZilla(text) : undefined;
  if (filezilla) return { kind: 'filezilla', logins: filezilla };
  const netrc = /^\s*</u.test(text) ? undefined : readNetrc(text);
  if (netrc) return { kind: 'netrc', logins: netrc };
  throw new AppError('import.unknown');
}

function check(login: Login, known: readonly TargetPlace[]): TargetPlace | ImportSkip {
  const { protocol, host, user, folder, password = '' } = login;
  if (protocol !== 'ftps' && protocol !== 'ftp') return protocol;
  if (host === '') return 'no-server';
  if (user === '') return 'no-user';
  const port = login.port === undefined ? 21 : /^\d{1,5}$/u.test(login.port) ? Number(login.port) : -1;
  const parsed = targetPlace.safeParse({ name: 'x', host, port, protocol, user, folder });
  if (!parsed.success || !targetPassword.safeParse(password).success) return 'characters';
  const place = parsed.data;
  if (known.some((other) => isSamePlace(other, place))) return 'saved-already';
  if (known.length >= TARGETS_MAX) return 'too-many';
  return { ...place, name: freeName(login, new Set(known.map(({ name }) => name))) };
}

function isSamePlace(one: TargetPlace, other: TargetPlace): boolean {
  return (['host', 'port', 'protocol', 'user', 'folder'] as const).every((key) => one[key] === other[key]);
}

const NAME_LENGTH_MAX = 64;
/** Of what the person calls it: more gives no more of a name, and could take long to compose. */
const TITLE_UNITS_MAX = 1000;

/** What the person calls it, made a name of a target; with a number where that is taken. */
function freeName({ title, host }: Login, taken: ReadonlySet<string>): string {
  const base = asName(title) || asName(host) || 'target';
  let name = cut(base, NAME_LENGTH_MAX);
  for (let number = 2; taken.has(name); number += 1) {
    const end = `-${number}`;
    name = `${cut(base, NAME_LENGTH_MAX - end.length)}${end}`;
  }
  return name;
}

function asName(text: string): string {
  return text
    .slice(0, TITLE_UNITS_MAX)
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[^\p{L}\p{N}]+|-+$/gu, '');
}

/** For a person to know which one it is; whatever it holds, it is one short line. */
function titleOf({ title, host }: Login): string {
  return cut((title || host || '?').replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim(), NAME_LENGTH_MAX);
}

function cut(text: string, length: number): string {
  // A name is counted in code points, as its pattern counts.
  return Array.from(text).slice(0, length).join('');
}
