import type { ReactElement } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { Asked } from '../../ui/asked.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useCall } from '../../ui/use-call.ts';
import { hasRest, type Route } from './route-draft.ts';

/** It costs the engine a look at every file: it is asked again at this pace at most. */
const PAUSE_MILLIS = 2000;

interface Props {
  site: string;
  routes: readonly Route[];
  onKeep: () => void;
}

/** What routes that are not in use yet would mean for the files that are there: who would lose what comes first. */
export function RouteEffect({ site, routes, onKeep }: Props): ReactElement {
  const { t, format } = useText();
  const texts = t.routes;
  const { answer } = useCall('route.preview', { site, routes: routes.map((route) => ({ ...route })) }, PAUSE_MILLIS);
  return (
    <div className="route-effect" aria-live="polite">
      <Asked answer={answer}>
        {({ mirrors, nobody, examples }) => {
          const losing = mirrors.filter(({ loses }) => loses > 0);
          const gaining = mirrors.filter(({ gains }) => gains > 0);
          if (losing.length + gaining.length === 0) return <p className="dim">{texts.noEffect}</p>;
          return (
            <>
              {losing.length > 0 && (
                <p className="route-loss">
                  <StateMark state="held" />
                  <span>
                    {texts.loses(losing.length, format.number(Math.max(...losing.map(({ loses }) => loses))))}{' '}
                    <span className="dim">
                      {losing.map(({ mirror, loses }) => `${mirror} −${format.number(loses)}`).join(', ')}
                      {examples.length > 0 && ` · ${texts.forInstance(examples.slice(0, 2).join(', '))}`}
                    </span>
                  </span>
                </p>
              )}
              {gaining.length > 0 && (
                <p className="route-loss">
                  <StateMark state="working" />
                  <span>
                    {texts.gains}{' '}
                    <span className="dim">
                      {gaining.map(({ mirror, gains }) => `${mirror} +${format.number(gains)}`).join(', ')}
                    </span>
                  </span>
                </p>
              )}
              {nobody > 0 && !hasRest(routes) && (
                <p className="route-loss">
                  <StateMark state="failing" />
                  <span>{texts.nobody(format.number(nobody), nobody)}</span>
                  <button type="button" className="button" onClick={onKeep}>
                    {texts.keep}
                  </button>
                </p>
              )}
            </>
          );
        }}
      </Asked>
    </div>
  );
}
