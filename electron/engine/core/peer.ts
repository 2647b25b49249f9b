/** A peer that this install is paired with. `id` is the SHA-256 of its certificate (DER, hex). */
export interface Peer {
  readonly id: string;
  readonly name: string;
  readonly role: 'master' | 'mirror';
  /** The pinned certificate, PEM. */
  readonly certificate: string;
  /** `host:port` at which the peer can be dialled; null where it dials us. */
  readonly address: string | null;
  /** Who opens the link. */
  readonly dial: 'us' | 'them';
}
