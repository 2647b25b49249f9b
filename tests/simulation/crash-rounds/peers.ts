import type { Peer } from '../../../electron/engine/core/peer.ts';

const peer = { certificate: '', address: null, dial: 'them' } as const;
export const MASTER: Peer = { ...peer, id: 'a'.repeat(64), name: 'master', role: 'master' };
export const MIRROR: Peer = { ...peer, id: 'b'.repeat(64), name: 'mirror', role: 'mirror' };
