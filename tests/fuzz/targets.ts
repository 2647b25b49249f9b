import type { FuzzTarget } from './target.ts';
import { config } from './targets/config.ts';
import { ftp } from './targets/ftp.ts';
import { link } from './targets/link.ts';
import { multicast } from './targets/multicast.ts';
import { pairing } from './targets/pairing.ts';
import { references } from './targets/references.ts';

export const targets: readonly FuzzTarget[] = [pairing, config, references, multicast, ftp, link] as FuzzTarget[];
