/** What simulated FTP clients and servers say to each other: what a command would mean, not how it is spelt. */
export type FtpCommand =
  | { readonly do: 'login'; readonly user: string; readonly password: string }
  | { readonly do: 'noop' }
  /** RETR with REST. */
  | { readonly do: 'retrieve'; readonly path: string; readonly offset: number }
  /** STOR, APPE; then data, then its end. `size`: as ALLO would say it. */
  | {
      readonly do: 'store';
      readonly path: string;
      readonly restartAt?: number;
      readonly append?: boolean;
      readonly size?: number;
    }
  | { readonly do: 'size'; readonly path: string }
  | { readonly do: 'delete' | 'makeDir' | 'removeDir'; readonly path: string }
  | { readonly do: 'rename'; readonly from: string; readonly path: string }
  | { readonly do: 'touch'; readonly path: string; readonly mtime: number }
  | { readonly do: 'begin'; readonly title: string }
  | { readonly do: 'commit'; readonly together?: { readonly quorum?: number; readonly limit: number } }
  | { readonly do: 'abort' };

export type FtpMessage =
  | { readonly kind: 'command'; readonly command: FtpCommand; readonly tag: number }
  | { readonly kind: 'data'; readonly bytes: Uint8Array; readonly down?: true }
  | { readonly kind: 'dataEnd' }
  /** Of a command, when it is done: 2xx, or why not. Of RETR, before its data: 125. */
  | {
      readonly kind: 'reply';
      readonly tag: number;
      readonly code: number;
      readonly text: string;
      readonly seq?: number;
      readonly size?: number;
    };
