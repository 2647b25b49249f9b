import type { Status } from '../../../shared/contract/status.ts';
import type { Site } from './peer-state.ts';

/** The site that the person chose, else the first. */
export function selectedSite(status: Status, chosen: string | undefined): Site | undefined {
  return status.sites.find(({ name }) => name === chosen) ?? status.sites[0];
}
