import type { EngineSummary } from '../../shared/contract/desktop.ts';
import type { ErrorJson } from '../../shared/errors/app-error.ts';

/** What menus, the tray, dialogs and notifications say. The interface has its own texts. */
export interface Texts {
  /** How the install is: one sentence. */
  readonly state: (summary: EngineSummary, sentence: (error: ErrorJson) => string) => string;
  readonly tray: {
    readonly open: string;
    readonly publish: string;
    readonly pause: string;
    readonly resume: string;
    readonly quit: string;
  };
  readonly menu: {
    readonly about: string;
    readonly settings: string;
    readonly services: string;
    readonly hide: string;
    readonly hideOthers: string;
    readonly showAll: string;
    readonly quit: string;
    readonly file: string;
    readonly publish: string;
    readonly closeWindow: string;
    readonly edit: string;
    readonly undo: string;
    readonly redo: string;
    readonly cut: string;
    readonly copy: string;
    readonly paste: string;
    readonly selectAll: string;
    readonly view: string;
    readonly reload: string;
    readonly devTools: string;
    readonly zoomIn: string;
    readonly zoomOut: string;
    readonly zoomReset: string;
    readonly fullScreen: string;
    readonly window: string;
    readonly minimize: string;
    readonly zoom: string;
    readonly front: string;
    readonly help: string;
    readonly docs: string;
    readonly diagnostics: string;
  };
  readonly about: {
    readonly version: (version: string) => string;
    readonly what: string;
  };
  readonly closing: {
    readonly staysTitle: string;
    readonly stays: (platform: NodeJS.Platform) => string;
    readonly askTitle: string;
    readonly ask: string;
    readonly quit: string;
    readonly stay: string;
    readonly cancel: string;
    readonly remember: string;
  };
  readonly notice: {
    readonly needTitle: (site: string | undefined, peer: string | undefined) => string;
    readonly needsTitle: (count: number) => string;
    readonly needs: string;
    readonly releaseTitle: (name: string) => string;
    readonly release: (mirrors: number, millis: number) => string;
  };
}
