import { SENT_PART_BYTES } from '../../../shared/contract/sent-files.ts';
import type { Sent } from '../../bridge/bridge.ts';
import type { Gathered } from './gather.ts';
import type { Source } from './source.ts';

/** Files that are sent at the same time. */
const AT_ONCE = 4;

export interface Brought {
  readonly files: { readonly done: number; readonly total: number };
  readonly bytes: { readonly done: number; readonly total: number };
}

/** Sends what a browser has to the engine's machine; resolves what is to be published there. Rejects where `signal` is aborted. */
export async function bring(
  sent: Sent,
  { tops, files, folders, leftOut }: Gathered,
  signal: AbortSignal,
  onProgress: (brought: Brought) => void,
): Promise<Source> {
  const id = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const total = files.reduce((sum, { file }) => sum + file.size, 0);
  let folder = '';
  let [filesDone, bytesDone] = [0, 0];
  const tell = (): void =>
    onProgress({ files: { done: filesDone, total: files.length }, bytes: { done: bytesDone, total } });
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const waiting = files.values();
  const sendFiles = async (): Promise<void> => {
    for (const { path, file } of waiting) {
      const { size, lastModified: mtime } = file;
      for (let at = 0; at === 0 || at < size; at += SENT_PART_BYTES) {
        const part = file.slice(at, at + SENT_PART_BYTES);
        folder = await sent.put(id, path, { at, size, mtime }, part, either);
        bytesDone += part.size;
        tell();
      }
      filesDone += 1;
      tell();
    }
  };
  try {
    tell();
    for (const path of folders) folder = await sent.put(id, path, { folder: '1' }, undefined, either);
    await Promise.all(Array.from({ length: AT_ONCE }, sendFiles));
  } catch (error) {
    failed.abort(error);
    // What has arrived is of no use; where it cannot be removed now it is removed by and by.
    sent.discard(id).catch(() => undefined);
    throw error;
  }
  const [first] = tops;
  return {
    paths: tops.map(({ name }) => `${folder}/${name}`),
    isFolder: tops.length === 1 && first?.isFolder === true,
    sent: { id, leftOut },
  };
}
