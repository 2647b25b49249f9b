import { useEffect } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useSelectedSite } from '../../stores/use-selected-site.ts';
import { actionsOn, takesDrops, targetOf } from './publish-store.ts';
import { takeDrop } from './take-drop.ts';

/**
 * What is dropped on another screen of a master is looked at on that of publishing. Wherever it falls, the page does not give
 * way to the file, as it would in a browser.
 */
export function useDropAnywhere(status: Status): void {
  const bridge = useBridge();
  const selected = useSelectedSite(status)?.name;
  const site = status.node.role === 'master' ? selected : undefined;
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = site !== undefined && takesDrops(site) ? 'copy' : 'none';
    };
    const drop = (event: DragEvent): void => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      if (site === undefined || !takesDrops(site)) return;
      // What cannot be taken is explained there, when it is dropped there.
      takeDrop(bridge, actionsOn(bridge, site), targetOf(site), event.dataTransfer);
    };
    // Where the page changes beneath the pointer, what is new there is entered just before the drop, and gets it only if it accepts that.
    addEventListener('dragenter', over);
    addEventListener('dragover', over);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragenter', over);
      removeEventListener('dragover', over);
      removeEventListener('drop', drop);
    };
  }, [bridge, site]);
}
