import { nanoseconds, readAll, type StatOptions, writeAll } from './calls.ts';
import { DiskError } from './disk-error.ts';
import type { FileSystem } from './file-system.ts';
import type { SimulatedDisk } from './simulated-disk.ts';

interface ReadOptions {
  readonly buffer?: Uint8Array;
  readonly offset?: number;
  readonly length?: number;
  readonly position?: number | null;
}

/** As Node's `FileHandle`, of a file on a simulated disk. */
export class SimulatedHandle {
  readonly fd: number;
  readonly #disk: SimulatedDisk;
  readonly #path: string;
  #open = true;

  constructor(disk: SimulatedDisk, path: string, fd: number) {
    this.#disk = disk;
    this.#path = path;
    this.fd = fd;
  }

  async read(given: Uint8Array | ReadOptions, at = 0, length?: number, position: number | null = null) {
    const options = given instanceof Uint8Array ? { buffer: given, offset: at, length, position } : given;
    const { buffer = Buffer.alloc(16_384), offset = 0 } = options;
    const target = buffer.subarray(offset, offset + (options.length ?? buffer.length - offset));
    const bytesRead = await this.#later('read', (files) => files.read(this.fd, target, options.position ?? null));
    return { bytesRead, buffer };
  }

  async write(given: Uint8Array | string, at: number | null = 0, length?: number, position: number | null = null) {
    const buffer = typeof given === 'string' ? Buffer.from(given) : given;
    const [offset, to] = typeof given === 'string' ? [0, at] : [at ?? 0, position];
    const source = buffer.subarray(offset, offset + (length ?? buffer.length - offset));
    const bytesWritten = await this.#later('write', (files) => files.write(this.fd, source, to));
    return { bytesWritten, buffer: given };
  }

  async readFile(options?: BufferEncoding | { encoding?: BufferEncoding }): Promise<Buffer | string> {
    const content = await this.#later('readFile', (files) => readAll(files, this.fd));
    const encoding = typeof options === 'string' ? options : options?.encoding;
    return encoding ? content.toString(encoding) : content;
  }

  writeFile(data: string | Uint8Array): Promise<void> {
    return this.#later('writeFile', (files) => writeAll(files, this.fd, data));
  }

  appendFile(data: string | Uint8Array): Promise<void> {
    return this.writeFile(data);
  }

  stat(options: StatOptions = {}): Promise<object> {
    return this.#later('fstat', (files) => files.statDescriptor(this.fd, options.bigint === true));
  }

  sync(): Promise<void> {
    return this.#later('fsync', (files) => files.sync(this.fd, 'fsync'));
  }

  datasync(): Promise<void> {
    return this.#later('fdatasync', (files) => files.sync(this.fd, 'fdatasync'));
  }

  truncate(size = 0): Promise<void> {
    return this.#later('ftruncate', (files) => files.truncateDescriptor(this.fd, size));
  }

  utimes(atime: number | string | Date, mtime: number | string | Date): Promise<void> {
    return this.#later('futimes', (files) => files.setDescriptorTimes(this.fd, nanoseconds(atime), nanoseconds(mtime)));
  }

  chmod(mode: number): Promise<void> {
    return this.#later('fchmod', (files) => files.setDescriptorMode(this.fd, mode));
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#disk.later('close', this.#path, () => this.#disk.files.close(this.fd));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #later<T>(name: string, work: (files: FileSystem) => T): Promise<T> {
    if (!this.#open) return Promise.reject(new DiskError('EBADF', { syscall: name }));
    return this.#disk.later(name, this.#path, () => work(this.#disk.files));
  }
}
