import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import {
  copyFile,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  rmdir,
  unlink,
  utimes,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { Change, Millis, Unnumbered } from '../../shared/domain/change.ts';
import { isReserved, nameOf, type SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../shared/errors/codes.ts';
import type {
  Actor,
  FileInfo,
  Listing,
  ListOptions,
  SiteFiles,
  Upload,
  UploadOptions,
} from '../../electron/engine/master/site-files.ts';
import { hashFile } from '../../electron/engine/tree/hash.ts';
import { SourceFile } from '../../electron/engine/tree/source-file.ts';

/** A site for tests of the FTP server alone: a folder, no journal, no durability, no locks. */
export async function createFolderSite(root: string): Promise<SiteFiles> {
  const incoming = join(root, '.lockstep', 'incoming');
  await mkdir(incoming, { recursive: true });
  return new FolderSite(root, incoming);
}

class FolderSite implements SiteFiles {
  readonly name = 'test';
  readonly root: string;
  readonly #incoming: string;
  #uploads = 0;
  #seq = 0;

  constructor(root: string, incoming: string) {
    this.root = root;
    this.#incoming = incoming;
  }

  stat(path: SitePath): Promise<FileInfo> {
    return mapped(async () => {
      const info = await lstat(this.absolute(path));
      if (!info.isFile() && !info.isDirectory()) throw new AppError('path.link', { path });
      return toInfo(nameOf(path), info);
    });
  }

  list(path: SitePath, { wanted = () => true }: ListOptions = {}): Promise<Listing> {
    return mapped(async () => {
      const found: FileInfo[] = [];
      for (const entry of await readdir(this.absolute(path), { withFileTypes: true })) {
        if ((path === '' && isReserved(entry.name)) || (!entry.isFile() && !entry.isDirectory())) continue;
        if (wanted(entry.name)) found.push(toInfo(entry.name, await lstat(join(this.absolute(path), entry.name))));
      }
      return {
        count: found.length,
        async *[Symbol.asyncIterator]() {
          yield* found;
        },
      };
    });
  }

  open(path: SitePath): Promise<SourceFile> {
    return mapped(async () => {
      const file = new SourceFile(this.absolute(path));
      if (file.info.isFile()) return file;
      file.close();
      throw new AppError('file.is-directory', { path });
    });
  }

  beginUpload(path: SitePath, options: UploadOptions): Promise<Upload> {
    return mapped(async () => {
      const target = await this.stat(path).catch(() => undefined);
      if (target?.kind === 'dir') throw new AppError('file.is-directory', { path });
      await lstat(join(this.absolute(path), '..'));
      this.#uploads += 1;
      const staged = join(this.#incoming, `up-${this.#uploads}`);
      const part = this.part(path, options.by.account);
      const partSize = (await this.partSize(path, options.by.account)) ?? -1;
      const wanted = options.append ? Number.POSITIVE_INFINITY : (options.restartAt ?? 0);
      let keep = 0;
      if (wanted > 0) {
        const source =
          (options.append ? !target : true) && partSize >= (options.append ? 0 : wanted) ? part : undefined;
        const size = source ? partSize : (target?.size ?? 0);
        if (!options.append && size < wanted) throw new AppError('upload.bad-restart', { path, offset: wanted });
        if (source) await rename(source, staged);
        else if (target) await copyFile(this.absolute(path), staged);
        keep = Math.min(wanted, size);
      }
      const handle = await open(staged, constants.O_RDWR | constants.O_CREAT);
      await handle.truncate(keep);
      const hash = createHash('sha256');
      if (keep > 0)
        for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) hash.update(chunk);
      return new FolderUpload(this, path, options.by, staged, handle, hash, keep);
    });
  }

  async partSize(path: SitePath, account: string): Promise<number | undefined> {
    return lstat(this.part(path, account)).then(
      (info) => info.size,
      () => undefined,
    );
  }

  remove(path: SitePath, _by: Actor): Promise<Change> {
    return mapped(async () => {
      if ((await this.stat(path)).kind === 'dir') throw new AppError('file.is-directory', { path });
      await unlink(this.absolute(path));
      return this.note({ op: 'delete', path });
    });
  }

  makeDir(path: SitePath, _by: Actor): Promise<Change> {
    return mapped(async () => {
      await mkdir(this.absolute(path));
      return this.note({ op: 'mkdir', path });
    });
  }

  removeDir(path: SitePath, _by: Actor): Promise<Change> {
    return mapped(async () => {
      await rmdir(this.absolute(path));
      return this.note({ op: 'rmdir', path });
    });
  }

  rename(from: SitePath, to: SitePath, _by: Actor): Promise<Change> {
    return mapped(async () => {
      const { kind } = await this.stat(from);
      await rename(this.absolute(from), this.absolute(to));
      return this.note({ op: 'rename', from, path: to, kind });
    });
  }

  touch(path: SitePath, mtime: Millis, _by: Actor): Promise<Change> {
    return mapped(async () => {
      const { size } = await this.stat(path);
      await utimes(this.absolute(path), mtime / 1000, mtime / 1000);
      return this.note({ op: 'put', path, size, mtime, sha256: await this.hash(path) });
    });
  }

  hash(path: SitePath): Promise<string> {
    return mapped(async () => (await hashFile(this.absolute(path))).sha256);
  }

  absolute(path: SitePath): string {
    return join(this.root, path);
  }

  part(path: SitePath, account: string): string {
    return join(this.#incoming, `part-${createHash('sha256').update(`${account}\0${path}`).digest('hex')}`);
  }

  note(change: Unnumbered): Change {
    this.#seq += 1;
    return { ...change, seq: this.#seq, at: Date.now() };
  }
}

class FolderUpload implements Upload {
  readonly offset: number;
  size: number;
  readonly #site: FolderSite;
  readonly #path: SitePath;
  readonly #by: Actor;
  readonly #staged: string;
  readonly #handle: FileHandle;
  readonly #hash: Hash;
  #ended = false;

  constructor(
    site: FolderSite,
    path: SitePath,
    by: Actor,
    staged: string,
    handle: FileHandle,
    hash: Hash,
    keep: number,
  ) {
    this.#site = site;
    this.#path = path;
    this.#by = by;
    this.#staged = staged;
    this.#handle = handle;
    this.#hash = hash;
    this.offset = keep;
    this.size = keep;
  }

  write(chunk: Uint8Array): Promise<void> {
    return mapped(async () => {
      const written = this.#handle.write(chunk, 0, chunk.length, this.size);
      this.#hash.update(chunk);
      this.size += chunk.length;
      await written;
    });
  }

  async flush(): Promise<void> {}

  async commit(expected: { size?: number; sha256?: string } = {}): Promise<Change> {
    const path = this.#path;
    if (expected.size !== undefined && expected.size !== this.size) throw new AppError('upload.short', { path });
    const sha256 = this.#hash.digest('hex');
    if (expected.sha256 !== undefined && expected.sha256 !== sha256)
      throw new AppError('upload.hash-mismatch', { path });
    this.#ended = true;
    await this.#handle.close();
    await rename(this.#staged, this.#site.absolute(path));
    return this.#site.note({ op: 'put', path, size: this.size, mtime: Date.now(), sha256 });
  }

  async breakOff(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#handle.close();
    await rename(this.#staged, this.#site.part(this.#path, this.#by.account));
  }
}

function toInfo(name: string, info: Awaited<ReturnType<typeof lstat>>): FileInfo {
  const mtime = Math.round(Number(info.mtimeMs));
  return { name, kind: info.isDirectory() ? 'dir' : 'file', size: Number(info.size), mtime, mode: Number(info.mode) };
}

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'file.not-found',
  ENOTDIR: 'file.not-directory',
  EEXIST: 'file.exists',
  EISDIR: 'file.is-directory',
  ENOTEMPTY: 'file.directory-not-empty',
  ENOSPC: 'file.disk-full',
  ELOOP: 'path.link',
};

async function mapped<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError || !(error instanceof Error)) throw error;
    const code = 'code' in error && typeof error.code === 'string' ? codes[error.code] : undefined;
    throw new AppError(code ?? 'file.io', { reason: error.message }, error);
  }
}
