import registry from 'ftp-srv/src/commands/registry.js';
import { Refusal } from '../reply.ts';
import type { Verb } from './verb.ts';

/** A verb whose handler in ftp-srv does all that there is to do. It replies through the session's connection. */
export function fromFtpSrv(name: string, needs: Verb['needs'], syntax: string): Verb {
  const registered = registry[name];
  if (!registered) throw new TypeError(`ftp-srv has no ${name}`);
  return {
    needs,
    syntax,
    async run({ session, arg }) {
      if (arg === '' && syntax !== '' && !syntax.startsWith('[')) throw new Refusal(501, `Send ${name} ${syntax}.`);
      await registered.handler.call(session.connection, { log: session.logger, command: { directive: name, arg } });
      return undefined;
    },
  };
}
