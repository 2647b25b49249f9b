import { DROP_ENTRIES_MAX } from '../../../shared/contract/publishing.ts';
import { parseSitePath, type SitePath } from '../../../shared/domain/site-path.ts';
import { isVersionControl } from '../../../shared/domain/version-control.ts';
import { AppError } from '../../../shared/errors/app-error.ts';

/** What was dropped, or chosen, in a browser, which does not say where it lies. */
export interface Gathered {
  /** The names that were dropped. */
  readonly tops: readonly { readonly name: SitePath; readonly isFolder: boolean }[];
  readonly files: readonly { readonly path: SitePath; readonly file: File }[];
  /** Those with nothing in them. */
  readonly folders: readonly SitePath[];
  /** Names that no site may have, and what version control keeps. */
  readonly leftOut: readonly string[];
}

/** To be called while the event is handled: after it the browser has forgotten them. */
export function gather(data: DataTransfer): Promise<Gathered> {
  const dropped = [...data.items].flatMap((item): (FileSystemEntry | File)[] => {
    const given = item.kind === 'file' ? (item.webkitGetAsEntry() ?? item.getAsFile()) : null;
    return given === null ? [] : [given];
  });
  return gatherAll(dropped);
}

/** Of an input: of a folder each file says where in it it stands. */
export async function gatherChosen(chosen: Iterable<File>): Promise<Gathered> {
  const found = new Finding();
  for (const file of chosen) {
    const path = file.webkitRelativePath || file.name;
    const names = path.split('/');
    const at = names.findIndex((name) => isVersionControl(name));
    if (at < 0) found.add(path, file);
    else found.leaveOut(names.slice(0, at + 1).join('/'));
    if (names.length > 1) found.isFolder.add(names[0] ?? '');
  }
  return found;
}

async function gatherAll(dropped: readonly (FileSystemEntry | File)[]): Promise<Gathered> {
  const found = new Finding();
  for (const each of dropped) {
    if (each instanceof File) found.add(each.name, each);
    else await read(each, each.name, found);
  }
  return found;
}

async function read(entry: FileSystemEntry, path: string, found: Finding): Promise<void> {
  if (path.includes('/') && isVersionControl(entry.name)) return found.leaveOut(path);
  if (isFile(entry)) return found.add(path, await new Promise<File>((...settle) => entry.file(...settle)));
  if (!isFolder(entry)) return;
  if (!path.includes('/')) found.isFolder.add(path);
  const reader = entry.createReader();
  let isEmpty = true;
  for (;;) {
    // A browser tells them by the hundred.
    const entries = await new Promise<FileSystemEntry[]>((...settle) => reader.readEntries(...settle));
    if (entries.length === 0) break;
    isEmpty = false;
    for (const each of entries) await read(each, `${path}/${each.name}`, found);
  }
  if (isEmpty) found.addFolder(path);
}

class Finding implements Gathered {
  readonly files: { path: SitePath; file: File }[] = [];
  readonly folders: SitePath[] = [];
  readonly #leftOut = new Set<string>();
  readonly isFolder = new Set<string>();
  readonly #tops = new Map<SitePath, string>();

  get tops(): Gathered['tops'] {
    return [...this.#tops].map(([name, given]) => ({ name, isFolder: this.isFolder.has(given) }));
  }

  get leftOut(): string[] {
    return [...this.#leftOut];
  }

  leaveOut(path: string): void {
    this.#leftOut.add(path);
  }

  add(path: string, file: File): void {
    const parsed = this.#parse(path);
    if (parsed !== undefined) this.files.push({ path: parsed, file });
  }

  addFolder(path: string): void {
    const parsed = this.#parse(path);
    if (parsed !== undefined) this.folders.push(parsed);
  }

  #parse(path: string): SitePath | undefined {
    const parsed = parseSitePath(path);
    if (!parsed.ok) {
      this.leaveOut(path);
      return undefined;
    }
    if (this.files.length + this.folders.length >= DROP_ENTRIES_MAX)
      throw new AppError('release.too-large', { limit: DROP_ENTRIES_MAX });
    const [top = ''] = parsed.value.split('/');
    this.#tops.set(top as SitePath, path.split('/')[0] ?? '');
    return parsed.value;
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
