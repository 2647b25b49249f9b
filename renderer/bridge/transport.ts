import type { SentPart } from '../../shared/contract/sent-files.ts';

/** How messages get to the engine and back, unparsed. */
export interface Transport {
  readonly kind: 'desktop' | 'console';
  call(name: string, params: unknown): Promise<unknown>;
  subscribe(listener: (event: unknown) => void): () => void;
  pathForFile(file: File): string;
  /** Where a file has no path it is sent; see `shared/contract/sent-files.ts`. */
  readonly sent?: SentTransport;
}

export interface SentTransport {
  /** The answer to a call. Rejects where `signal` is aborted. */
  put(id: string, path: string, part: SentPart, body: Blob | undefined, signal: AbortSignal): Promise<unknown>;
  discard(id: string): Promise<unknown>;
}
