/** Why an address cannot be the one at which releases are looked for; undefined: it can, or there is none. */
export function feedFault(feed: string | undefined): string | undefined {
  if (feed === undefined) return undefined;
  if (URL.canParse(feed)) {
    const { protocol, username, password } = new URL(feed);
    if (protocol === 'https:' && username === '' && password === '') return undefined;
  }
  // The value is not repeated: somebody may have put a password into it.
  return 'LOCKSTEP_FEED has to be an https:// address without a name or password in it';
}
