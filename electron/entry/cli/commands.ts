import type { Command } from './command.ts';
import { accountAdd, accountList, accountRemove } from './commands/account.ts';
import { doctor } from './commands/doctor.ts';
import { history } from './commands/history.ts';
import { init } from './commands/init.ts';
import { invite, join } from './commands/pairing.ts';
import { peerList, peerRemove } from './commands/peer.ts';
import { consoleAddress, run } from './commands/run.ts';
import { siteAdd, siteRemove, siteRescan } from './commands/site.ts';
import { status } from './commands/status.ts';
import { wait } from './commands/wait.ts';
import { waitingDiscard, waitingList, waitingPublish } from './commands/waiting.ts';

/** In the order in which a new reader needs them. */
export const commands: readonly Command[] = [
  init,
  siteAdd,
  siteRemove,
  siteRescan,
  accountAdd,
  accountList,
  accountRemove,
  invite,
  join,
  run,
  status,
  wait,
  history,
  peerList,
  peerRemove,
  waitingList,
  waitingPublish,
  waitingDiscard,
  consoleAddress,
  doctor,
];
