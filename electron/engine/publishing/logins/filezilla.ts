import { AppError } from '../../../../shared/errors/app-error.ts';
import { readTags } from '../../references/tags.ts';
import type { Login } from './login.ts';

/** No field of an entry is longer; what is beyond is cut and then refused as a name, a host or a password. */
const FIELD_LENGTH_MAX = 4096;

/**
 * Reads FileZilla's `sitemanager.xml`, or what it exports: each `<Server>` below `<Servers>`, in folders or not. Elements are taken as
 * they come and entities of the file's own are not known, so nothing in it can grow. Undefined: it is something else.
 * Throws `import.encrypted` where passwords are under a master password.
 */
export function readFileZilla(text: string): Login[] | undefined {
  const logins: Login[] = [];
  let root: string | undefined;
  let inServers = false;
  let fields: Map<string, string> | undefined;
  /** Within an entry: the elements that are open, the innermost last. */
  let open: string[] = [];

  readTags(text, 'xml', {
    attributes: new Set(['encoding']),
    open(name, attributes, selfClosing) {
      root ??= name;
      if (name === 'Servers') inServers = !selfClosing;
      if (name === 'Server' && inServers && !selfClosing) {
        fields = new Map();
        open = [];
      } else if (fields && !selfClosing) {
        open.push(name);
        if (name === 'Pass') {
          const encoding = attributes.get('encoding') ?? 'plain';
          if (encoding === 'crypt') throw new AppError('import.encrypted');
          fields.set('encoding', encoding);
        }
      }
    },
    close(name) {
      if (name === 'Servers') inServers = false;
      if (name === 'Server' && fields) {
        logins.push(loginOf(fields));
        fields = undefined;
      } else open.pop();
    },
    text(piece) {
      // A bookmark below an entry has a name and a folder too.
      const [field, ...deeper] = open;
      if (!fields || deeper.length > 0) return;
      // Older versions write the name of an entry straight into it.
      const key = field ?? 'Title';
      fields.set(key, `${fields.get(key) ?? ''}${piece}`.slice(0, FIELD_LENGTH_MAX));
    },
    wantsText: () => fields !== undefined,
    inForeignContent: () => false,
    isDone: () => root !== undefined && root !== ROOT,
  });
  return root === ROOT ? logins : undefined;
}

const ROOT = 'FileZilla3';

/** FileZilla's numbers. 0 is FTP that takes TLS where the server has it: here it has to. */
const PROTOCOLS: Readonly<Record<string, Login['protocol']>> = {
  '0': 'ftps',
  '1': 'sftp',
  '3': 'implicit-tls',
  '4': 'ftps',
  '6': 'ftp',
};
const ANONYMOUS = '0';

function loginOf(fields: ReadonlyMap<string, string>): Login {
  const field = (name: string): string => (fields.get(name) ?? '').trim();
  const password = passwordOf(fields);
  const port = field('Port');
  const user = field('Logontype') === ANONYMOUS ? 'anonymous' : field('User');
  return {
    title: field('Name') || field('Title') || field('Host'),
    host: field('Host'),
    ...(port !== '' && { port }),
    user,
    ...(password !== undefined && { password }),
    folder: folderOf(field('RemoteDir')),
    protocol: PROTOCOLS[field('Protocol') || '0'] ?? 'other-protocol',
  };
}

function passwordOf(fields: ReadonlyMap<string, string>): string | undefined {
  const written = fields.get('Pass');
  if (written === undefined) return undefined;
  return fields.get('encoding') === 'base64' ? Buffer.from(written, 'base64').toString('utf8') : written;
}

/** `1 0 3 srv 3 www`: the kind of path, a prefix, then each name after its length. Of other kinds than Unix': where the login leads. */
function folderOf(safe: string): string {
  const [, prefix, names] = /^1 (\d+) ?(.*)$/su.exec(safe) ?? [];
  if (prefix !== '0' || names === undefined) return '';
  const path: string[] = [];
  for (let rest = names; rest !== ''; ) {
    const [head, length = ''] = /^(\d{1,4}) /u.exec(rest) ?? [];
    if (head === undefined) return '';
    path.push(rest.slice(head.length, head.length + Number(length)));
    rest = rest.slice(head.length + Number(length) + 1);
  }
  return `/${path.join('/')}`;
}
