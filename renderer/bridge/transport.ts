/** How messages get to the engine and back, unparsed. */
export interface Transport {
  readonly kind: 'desktop' | 'console';
  call(name: string, params: unknown): Promise<unknown>;
  subscribe(listener: (event: unknown) => void): () => void;
  pathForFile(file: File): string;
}
