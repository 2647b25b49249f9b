export type Role = 'master' | 'mirror';
/** What can be chosen first: one of these, or to publish to FTP servers elsewhere only. */
export type Choice = Role | 'publisher';

/** What the person has decided so far. Nothing of it is written before the last step. */
export interface Draft {
  readonly root: string;
  /** The folder is used although another install has noted that it is its own. */
  readonly takeOver: boolean;
  readonly site: string;
  /** The person has typed a name themselves: a folder chosen later suggests none. */
  readonly siteTyped: boolean;
  /** Of this machine. */
  readonly name: string;
  readonly wantsAccount: boolean;
  readonly user: string;
  readonly code: string;
}

export function emptyDraft(name: string): Draft {
  return { root: '', takeOver: false, site: '', siteTyped: false, name, wantsAccount: true, user: 'editor', code: '' };
}

export interface StepProps {
  readonly draft: Draft;
  readonly onChange: (change: Partial<Draft>) => void;
}
