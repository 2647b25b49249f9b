import { AppError } from '../../../shared/errors/app-error.ts';
import type { LogRing } from '../log/log-ring.ts';
import type { CallContext, HandlersOf } from './context.ts';

/** The log of a running engine. At rest there is none. */
export function logHandlers({ node, live }: CallContext): HandlersOf<'log'> {
  const running = (): LogRing => {
    const { log } = node.ports;
    if (!log || !live) throw new AppError('node.not-running');
    return log;
  };
  return {
    'log.page': (query) => running().page(query),
    'log.record': ({ level }) => {
      const log = running();
      log.recorded = level;
      node.ports.logger.info({ from: level }, 'the log records more, or less, from now on');
      return { level };
    },
  };
}
