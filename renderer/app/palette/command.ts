export type CommandKind = 'action' | 'place' | 'site' | 'setting' | 'mirror' | 'group' | 'release' | 'path';

/** Something that the palette can do, or go to. */
export interface Command {
  /** The same each time: by it is remembered what was used last. */
  readonly id: string;
  readonly kind: CommandKind;
  readonly name: string;
  /** By which else it is found: what it is called in English. */
  readonly otherName?: string;
  /** The shortcut that does the same. */
  readonly keys?: string;
  readonly run: () => void;
}
