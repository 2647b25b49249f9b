import { AppError } from '../../../shared/errors/app-error.ts';
import type { CallContext, HandlersOf } from './context.ts';

export function consoleHandlers({ signIn }: CallContext): HandlersOf<'console'> {
  return {
    'console.address': () => {
      const url = signIn?.() ?? null;
      if (url === null) throw new AppError('node.not-running');
      return { url };
    },
  };
}
