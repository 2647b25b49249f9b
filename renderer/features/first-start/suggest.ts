import { name as nameSchema } from '../../../shared/contract/primitives.ts';
import { nameOfPath } from '../publish/source.ts';

/** Folders that are called after what they are for, in every project alike: the one above says whose they are. */
const EVERYBODYS = new Set([
  'htdocs',
  'public',
  'public_html',
  'html',
  'httpdocs',
  'dist',
  'build',
  'out',
  '_site',
  'site',
  'web',
]);
const USUAL = 'www';
const LENGTH_MAX = 64;

/** A name for the site in this folder. */
export function suggestSiteName(folder: string): string {
  const own = nameOfPath(folder);
  const above = folder.slice(0, folder.lastIndexOf(own)).replace(/[\\/]+$/, '');
  const named = EVERYBODYS.has(own.toLowerCase()) && above !== '' ? nameOfPath(above) : own;
  return validName(named);
}

/** What can be told of a machine's name or a folder's as a valid name. */
function validName(text: string): string {
  const made = text
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .replace(/[-.]+$/, '')
    .slice(0, LENGTH_MAX);
  return isName(made) ? made : USUAL;
}

export function isName(text: string): boolean {
  return nameSchema.safeParse(text).success;
}
