/** Absolute paths of what was built. */
export interface AppFiles {
  /** The engine process's script. */
  readonly engine: string;
  readonly preload: string;
  /** The folder of the built interface. */
  readonly renderer: string;
}
