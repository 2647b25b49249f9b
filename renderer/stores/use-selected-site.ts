import type { Status } from '../../shared/contract/status.ts';
import type { Site } from './peer-state.ts';
import { useUi } from './ui-store.ts';

/** The site that the person chose, else the first. */
export function useSelectedSite({ sites }: Status): Site | undefined {
  const chosen = useUi((ui) => ui.site);
  return sites.find(({ name }) => name === chosen) ?? sites[0];
}
