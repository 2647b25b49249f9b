import type { DeepChecks } from '../deep/deep-checks.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { type CallContext, chosenSite, type HandlersOf, siteNames } from './context.ts';

export function deepHandlers(context: CallContext): HandlersOf<'deep'> {
  const checks = (): DeepChecks => {
    const own = context.master?.checks ?? context.mirror?.checks;
    if (!own) throw new TypeError('an install of neither role');
    return own;
  };
  return {
    'deep.start': ({ site, mend }) => {
      const names = site === undefined ? siteNames(context) : [chosenSite(siteNames(context), site)];
      const { siteFaults } = context.sources();
      for (const name of names) {
        // One that could not be opened says why, where it is asked for.
        const fault = siteFaults.get(name);
        if (!fault) checks().start(name, mend);
        else if (site !== undefined) throw AppError.fromJSON(fault.toJSON());
      }
      return checks().list();
    },
    'deep.list': () => checks().list(),
    'deep.cancel': async ({ site }) => {
      await checks().cancel(site);
      return checks().list();
    },
  };
}
