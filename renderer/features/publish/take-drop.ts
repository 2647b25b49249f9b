import type { Bridge } from '../../bridge/bridge.ts';
import { go } from '../../stores/location.ts';
import { droppedOn } from './dropped-on.ts';
import { gather } from './gather.ts';
import { type Actions, orderFor } from './publish-store.ts';
import { sourceOf } from './source.ts';

/**
 * Looks at what was dropped, and shows that wherever it fell: the screen may be about to change. False: it is no file or folder of
 * this machine. To be called while the event is handled.
 */
export function takeDrop(bridge: Bridge, actions: Actions, target: string | undefined, data: DataTransfer): boolean {
  go('publish');
  const source = sourceOf(droppedOn(data, (file) => bridge.pathForFile(file)));
  if (source !== undefined) void actions.look(orderFor(source, target));
  else if (bridge.sent) void actions.bring(gather(data), target);
  else return false;
  return true;
}
