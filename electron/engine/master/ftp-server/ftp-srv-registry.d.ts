/** The verb handlers of ftp-srv 4.6.3 (src/commands/registry.js), which has no types of its own. */
declare module 'ftp-srv/src/commands/registry.js' {
  interface Registered {
    handler(
      this: import('ftp-srv').FtpConnection,
      context: { log: unknown; command: { directive: string; arg: string | null } },
    ): unknown;
  }
  const registry: Record<string, Registered | undefined>;
  export default registry;
}
