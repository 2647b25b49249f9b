/**
 * Every failure that crosses a boundary has one of these codes. Sentences for people are made from
 * code and params in one place per language (`sentences.en.ts`), never where the error is raised.
 *
 * `retry` is a trait of the code, not of the place that raises it:
 * `now` - a fresh try may succeed at once; `later` - try again after a back-off; `never` - a person must act.
 */
export const errorCodes = {
  // paths and names
  'path.invalid': 'never',
  'path.reserved': 'never',
  'path.too-long': 'never',
  'path.link': 'never',
  'path.case-clash': 'never',
  'path.unsupported-name': 'never',
  // files
  'file.not-found': 'never',
  'file.exists': 'never',
  'file.is-directory': 'never',
  'file.not-directory': 'never',
  'file.directory-not-empty': 'never',
  'file.denied': 'never',
  'file.disk-full': 'later',
  'file.io': 'later',
  'file.changed': 'now',
  // uploads
  'upload.aborted': 'now',
  'upload.short': 'now',
  'upload.bad-restart': 'never',
  'upload.hash-mismatch': 'now',
  'upload.too-large': 'never',
  // fetching
  'fetch.refused': 'later',
  'fetch.unreachable': 'later',
  'fetch.broken-off': 'now',
  'fetch.stalled': 'now',
  'fetch.gone': 'later',
  'fetch.size-mismatch': 'now',
  'fetch.hash-mismatch': 'now',
  'fetch.login-refused': 'later',
  'fetch.certificate': 'never',
  'fetch.superseded': 'never',
  // links and pairing
  'link.unreachable': 'later',
  'link.foreign': 'later',
  'link.lost': 'now',
  'link.stopped': 'later',
  'link.replaced': 'later',
  'link.timeout': 'later',
  'link.unknown-peer': 'never',
  'link.certificate': 'never',
  'link.malformed': 'never',
  'link.version': 'never',
  'link.limit': 'later',
  'pair.bad-code': 'never',
  'pair.expired': 'never',
  'pair.used': 'never',
  'pair.refused': 'never',
  // configuration, command line, state
  'config.invalid': 'never',
  'config.unreadable': 'never',
  'config.locked': 'later',
  'usage.invalid': 'never',
  'site.unknown': 'never',
  'site.exists': 'never',
  'site.root-missing': 'never',
  'site.root-clash': 'never',
  'watch.interrupted': 'later',
  'watch.limit': 'later',
  'account.exists': 'never',
  'account.unknown': 'never',
  'account.bad-password': 'never',
  'peer.unknown': 'never',
  'node.exists': 'never',
  'node.missing': 'never',
  'node.wrong-role': 'never',
  'node.running': 'never',
  'node.not-running': 'never',
  'identity.unreadable': 'never',
  'store.corrupt': 'never',
  'store.newer': 'never',
  'port.busy': 'never',
  'port.denied': 'never',
  'port.no-address': 'never',
  'not-in-step': 'later',
  'guard.held': 'never',
  'waiting.unknown': 'never',
  'call.unknown': 'never',
  'call.invalid': 'never',
  'console.refused': 'never',
  'limit.exceeded': 'later',
  /** A bug, as it is shown to whoever asked. */
  internal: 'never',
  cancelled: 'never',
} as const satisfies Record<string, Retry>;

/** When it makes sense to try the same thing again. */
export type Retry = 'now' | 'later' | 'never';

/** One of the codes above. */
export type ErrorCode = keyof typeof errorCodes;
