import type { Command } from './command.ts';
import { accountAdd, accountList, accountPassword, accountRemove, accountUnlock } from './commands/account.ts';
import { backup, restore } from './commands/backup.ts';
import { completionOf } from './commands/completion.ts';
import { addresses } from './commands/addresses.ts';
import { doctor } from './commands/doctor.ts';
import { followDrift, followList, followPause, followRemove, followResume, followSet } from './commands/follow.ts';
import { groupAdd, groupCommit, groupList, groupRemove } from './commands/group.ts';
import { history } from './commands/history.ts';
import { init } from './commands/init.ts';
import { linkAdd, linkList, linkMissing, linkRemove } from './commands/link.ts';
import { log, logRecord } from './commands/log.ts';
import { invite, join } from './commands/pairing.ts';
import { pauseAll, resumeAll } from './commands/pause.ts';
import { peerDial, peerLimit, peerList, peerPause, peerRemove, peerResume } from './commands/peer.ts';
import { peerShow } from './commands/peer-show.ts';
import { dropCancel, dropResume, dropList, publish } from './commands/publish.ts';
import {
  releaseCompare,
  releaseGo,
  releaseList,
  releasePreview,
  releasePublish,
  releaseRollback,
  releaseShow,
} from './commands/release.ts';
import { routeAdd, routeList, routeRemove, routeSet, routeTest } from './commands/route.ts';
import { consoleAddress, run } from './commands/run.ts';
import { configGet, configSet } from './commands/config.ts';
import { siteSet } from './commands/site-set.ts';
import { siteAdd, siteRemove, siteRescan } from './commands/site.ts';
import { siteFind, siteLs, siteShow } from './commands/site-tree.ts';
import { status } from './commands/status.ts';
import { versionList, versionRestore } from './commands/version.ts';
import { targetImport } from './commands/target-import.ts';
import { targetAdd, targetList, targetRemove, targetTest } from './commands/target.ts';
import { wait } from './commands/wait.ts';
import { waitingDiscard, waitingList, waitingPublish } from './commands/waiting.ts';

/** In the order in which a new reader needs them. */
export const commands: readonly Command[] = [
  init,
  siteAdd,
  siteRemove,
  siteSet,
  siteRescan,
  siteLs,
  siteFind,
  siteShow,
  accountAdd,
  accountList,
  accountRemove,
  accountPassword,
  accountUnlock,
  configGet,
  configSet,
  invite,
  addresses,
  join,
  run,
  status,
  wait,
  history,
  pauseAll,
  resumeAll,
  peerList,
  peerShow,
  peerDial,
  peerPause,
  peerResume,
  peerLimit,
  peerRemove,
  followList,
  followSet,
  followDrift,
  followPause,
  followResume,
  followRemove,
  waitingList,
  waitingPublish,
  waitingDiscard,
  groupAdd,
  groupList,
  groupRemove,
  groupCommit,
  linkAdd,
  linkList,
  linkMissing,
  linkRemove,
  publish,
  dropList,
  dropCancel,
  dropResume,
  targetAdd,
  targetList,
  targetTest,
  targetRemove,
  targetImport,
  releasePublish,
  releaseList,
  releaseShow,
  releaseCompare,
  releasePreview,
  releaseRollback,
  releaseGo,
  versionList,
  versionRestore,
  routeList,
  routeSet,
  routeAdd,
  routeRemove,
  routeTest,
  logRecord,
  log,
  consoleAddress,
  backup,
  restore,
  doctor,
  completionOf(() => commands),
];
