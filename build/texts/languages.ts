import { en } from '../../renderer/i18n/en.ts';
import { ja } from '../../renderer/i18n/ja.ts';
import { errorCodes } from '../../shared/errors/codes.ts';
import { sentenceParts } from '../../shared/errors/sentences.ja.ts';
import { leavesOf } from './text-uses.ts';

/** Names and things that Japanese writes in Latin letters, too. */
const names = [
  'Lockstep',
  ...['FileZilla', 'netrc', 'Unicode', 'NFC', 'NFD'],
  ...['FTP', 'FTPS', 'TLS', 'HTTP', 'HTTPS', 'JSON', 'CSV', 'HTML', 'CSS', 'SHA-256', 'UTF-8', 'URL', 'ID', 'IP', 'OK'],
  ...[
    'UDP',
    'NAT',
    'DNS',
    'LAN',
    'CPU',
    'OS',
    'Node',
    'Electron',
    'React',
    'Windows',
    'macOS',
    'Dock',
    'Linux',
    'English',
    'GLOB',
  ],
  ...[
    'Ctrl',
    'Alt',
    'Shift',
    'Enter',
    'Esc',
    'Escape',
    'Tab',
    'Home',
    'End',
    'PageUp',
    'PageDown',
    'Page Up',
    'Page Down',
  ],
  // Keys of config.json.
  ...['host', 'versions'],
  // Commands and what is typed as it is.
  ...['SITE RELEASE BEGIN', 'SITE RELEASE COMMIT', 'SITE RELEASE ABORT', 'ALLO', 'REST', 'PASV'],
];

/** Patterns, addresses, options, file names and units: no words of a language. */
const NO_WORDS =
  /「[!-~]+」|“[!-~]+”|lockstep(?: [a-z-]+)+|--[a-z-]+|[\da-f]*::[\da-f:]*|[\w*-]*[./*_=][\w./*:=-]*|\b(?:ms|KB|MB|GB|TB|KiB|MiB|GiB|fs|px)\b|\{[^}]*\}/gu;

const LATIN = /[A-Za-z]{2,}/gu;

/** What is English in the Japanese catalogue and sentences. */
export function languageTroubles(): string[] {
  const english = new Map(leavesOf(en).map(({ path, value }) => [path.join('.'), value]));
  const catalogue = leavesOf(ja).flatMap(({ path, value }) => {
    const key = path.join('.');
    const [text, same] = [said(value), said(english.get(key))];
    if (key === 'languageName') return [];
    return [
      ...foreign(text).map((word) => `renderer/i18n/*.ja.ts: ${key} has “${word}”`),
      ...(text === same && foreign(text).length > 0 ? [`renderer/i18n/*.ja.ts: ${key} is still English`] : []),
    ];
  });
  const sentences = Object.keys(errorCodes).flatMap((code) => {
    const { what, mend } = sentenceParts({ code: code as keyof typeof errorCodes, params: {} });
    return foreign(`${what}${mend}`).map((word) => `shared/errors/sentences.ja.ts: ${code} has “${word}”`);
  });
  return [...catalogue, ...sentences];
}

export function foreign(text: string): string[] {
  let rest = text.replace(NO_WORDS, ' ');
  for (const name of names) rest = rest.replaceAll(name, ' ');
  return [...rest.matchAll(LATIN)].map(([word]) => word);
}

/** What a text says of something whose name and number are signs. */
function said(text: unknown): string {
  if (typeof text !== 'function') return String(text);
  const parameters = Array.from({ length: Math.max(text.length, 4) }, () => '〇');
  const spoken: unknown = Reflect.apply(text, undefined, parameters);
  return String(spoken);
}
