import type { Login } from './login.ts';

/**
 * Reads a `~/.netrc` (ftp(1), curl): `machine NAME login USER password WORD`, in any order and on any lines; a word may stand in
 * quotes, with `\` before a quote. What a `macdef` holds, up to an empty line, is passed over. Undefined: it is something else.
 */
export function readNetrc(text: string): Login[] | undefined {
  const words = new Words(text);
  const logins: Login[] = [];
  let login: { -readonly [K in keyof Login]: Login[K] } | undefined;
  for (let keyword = words.keyword(); keyword !== undefined; keyword = words.keyword()) {
    switch (keyword) {
      case 'machine':
        login = { ...EMPTY, title: words.value(), protocol: 'ftps' };
        login.host = login.title;
        logins.push(login);
        break;
      case 'default':
        login = { ...EMPTY, title: 'default', protocol: 'default' };
        logins.push(login);
        break;
      case 'macdef':
        words.skipMacro();
        break;
      case 'login':
      case 'password':
      case 'account':
      case 'port': {
        const value = words.value();
        if (!login) return undefined;
        if (keyword === 'login') login.user = value;
        else if (keyword === 'password') login.password = value;
        else if (keyword === 'port') login.port = value;
        break;
      }
      default:
        return undefined;
    }
  }
  return logins.length > 0 || words.hadMacro ? logins : undefined;
}

const EMPTY = { title: '', host: '', user: '', folder: '' } as const;

class Words {
  readonly #text: string;
  #at = 0;
  hadMacro = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where a keyword is due a `#` begins a comment; a password may begin with one. */
  keyword(): string | undefined {
    for (;;) {
      this.#skip(/\s*/y);
      if (this.#at >= this.#text.length) return undefined;
      if (this.#text[this.#at] !== '#') return this.#read();
      this.#skip(/[^\n]*/y);
    }
  }

  value(): string {
    this.#skip(/\s*/y);
    return this.#read();
  }

  skipMacro(): void {
    this.hadMacro = true;
    const end = /\r?\n[ \t]*\r?\n/g;
    end.lastIndex = this.#at;
    this.#at = end.exec(this.#text) ? end.lastIndex : this.#text.length;
  }

  #read(): string {
    const quoted = this.#skip(/"(?:[^"\\]|\\.)*"/sy);
    if (quoted === '') return this.#skip(/\S*/y);
    return quoted.slice(1, -1).replace(/\\(.)/gs, (_, each: string) => ESCAPES.get(each) ?? each);
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found = ''] = pattern.exec(this.#text) ?? [];
    this.#at += found.length;
    return found;
  }
}

const ESCAPES = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
