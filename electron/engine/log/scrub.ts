const HIDDEN = '[hidden]';

/** Keys whose value is nobody's business, wherever they stand in a line of JSON. */
const SECRET_KEYS = [
  'password',
  'pass',
  'secret',
  'token',
  'authorization',
  'cookie',
  'privateKey',
  'passphrase',
  'sealed',
];

const VALUE = String.raw`"(?:[^"\\]|\\.)*"`;
const rules: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`"(${SECRET_KEYS.join('|')})":${VALUE}`, 'gi'), `"$1":"${HIDDEN}"`],
  // Pairing codes, hashes of passwords; keys.
  [/lockstep1-[\w-]+/g, HIDDEN],
  [/\$scrypt\$[^"\s\\]+/g, HIDDEN],
  // To the end of its string, as it may have been cut; never beyond it: a file may have such a name, and the line is JSON.
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[^"\\]|\\.)*/g, HIDDEN],
  // The console's token, in an address, a header or a subprotocol.
  [/(#token=|[?&]token=|lockstep\.token\.)[\w-]+/gi, `$1${HIDDEN}`],
  [/\b(Bearer|Basic) [\w.~+/=-]+/gi, `$1 ${HIDDEN}`],
  [/(:\/\/[^/\s"@:]+):[^/\s"@]+@/g, `$1:${HIDDEN}@`],
  // The FTP command, with whatever follows it.
  [/\bPASS [^"\\]+/g, `PASS ${HIDDEN}`],
];

/** A line of the log without what only a few may know: the second of two nets, after `redact`. */
export function scrub(line: string): string {
  return rules.reduce((text, [pattern, instead]) => text.replace(pattern, instead), line);
}
