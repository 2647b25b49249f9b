/** The id of what keeps a site from being opened, or its folder from being used, in the list of what waits. */
export function folderId(site: string): string {
  return `${site}:site`;
}
