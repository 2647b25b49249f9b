import type { ReactElement } from 'react';
import type { Messages } from '../../i18n/en.ts';
import { useText } from '../../i18n/use-text.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Moment } from '../../ui/time.tsx';
import { peerState, type Site, siteState } from '../../stores/peer-state.ts';
import { pausedText } from './paused-text.ts';

interface Props {
  site: Site;
  role: 'master' | 'mirror';
  lastChange: number | undefined;
}

/** The one sentence that a person looks for. */
export function Headline({ site, role, lastChange }: Props): ReactElement {
  const { t, format } = useText();
  const now = useNow();
  return (
    <header className="headline-row">
      <h1 className="headline" aria-live="polite">
        <StateMark state={siteState(site)} size={18} />
        {site.error ? t.headline.stopped(site.name) : role === 'master' ? ofMaster(t, site) : ofMirror(t, site)}
      </h1>
      <p className="facts">
        <span>{t.facts.head(format.number(site.headSeq))}</span>
        <span>{t.facts.files(format.number(site.files), site.files)}</span>
        {lastChange === undefined ? (
          // Before the changes have been read, or where they are too long ago to be known, nothing is said of them.
          site.headSeq === 0 && <span>{t.facts.noChange}</span>
        ) : (
          <Moment at={lastChange}>{t.facts.lastChange(format.ago(lastChange, now))}</Moment>
        )}
      </p>
    </header>
  );
}

function ofMaster(t: Messages, { peers }: Site): string {
  if (peers.length === 0) return t.headline.noMirrors;
  const inStep = peers.filter((peer) => peerState(peer) === 'in-step').length;
  return inStep === peers.length ? t.headline.allInStep(inStep) : t.headline.someInStep(inStep, peers.length);
}

function ofMirror(t: Messages, { peers: [master] }: Site): string {
  if (master === undefined) return t.headline.noSite;
  switch (peerState(master)) {
    case 'in-step':
      return t.headline.withMaster(master.name);
    case 'away':
    case 'unknown':
      return t.headline.masterAway(master.name);
    case 'working':
      return t.headline.catchingUp(master.name);
    case 'paused':
      return pausedText(t, master);
    default:
      return t.headline.behindMaster(master.name);
  }
}
