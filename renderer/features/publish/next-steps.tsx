import type { ReactElement } from 'react';
import { useEngine } from '../../stores/engine-store.ts';
import { addressOf } from '../../stores/location.ts';
import { useText } from '../../i18n/use-text.ts';
import type { Actions } from './publish-store.ts';

/** Where to go on from a drop that has ended. */
export function NextSteps({ actions }: { actions: Actions }): ReactElement {
  const { t } = useText();
  return (
    <p className="publish-after">
      <button type="button" className="button" onClick={() => actions.reset()}>
        {t.publish.another}
      </button>
      <EarlierReleases />
    </p>
  );
}

/** Only a master with a site has some. */
export function EarlierReleases(): ReactElement | null {
  const { t } = useText();
  const hasSite = useEngine(({ status }) => status?.node.role === 'master' && status.sites.length > 0);
  return hasSite === true ? <a href={addressOf('together', 'releases')}>{t.publish.earlier}</a> : null;
}
