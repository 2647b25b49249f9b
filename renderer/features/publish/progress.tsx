import { type ReactElement, useEffect, useState } from 'react';
import type { Release } from '../../../shared/contract/releases.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { Refused } from '../../ui/refused.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useCall } from '../../ui/use-call.ts';
import { useNow } from '../../ui/use-now.ts';
import { useTask } from '../../ui/use-task.ts';
import { peerState, type Site, type State } from '../../stores/peer-state.ts';
import type { Actions } from './publish-store.ts';
import { NextSteps } from './next-steps.tsx';

/** Enough to find what was published a moment ago. */
const RELEASES = 50;

/** A release as it reaches each mirror. */
export function Progress({ id, site, actions }: { id: number; site: Site; actions: Actions }): ReactElement {
  const { answer, again } = useCall('release.list', { site: site.name, limit: RELEASES });
  // A release that has just been made is a reason to look again.
  useEffect(again, [again, id]);
  const release = answer.value?.find((each) => each.id === id);
  return (
    <>
      {answer.is === 'failed' && <ErrorText error={answer.error} />}
      {release !== undefined && <Reached release={release} site={site} actions={actions} />}
      <NextSteps actions={actions} />
    </>
  );
}

function Reached({ release, site, actions }: { release: Release; site: Site; actions: Actions }): ReactElement {
  const { t, format } = useText();
  const texts = t.publish;
  const { peers, convergedMillis, skewMillis } = release;
  const done = peers.filter(({ publishedAt }) => publishedAt !== undefined).length;
  const isDone = done === peers.length;
  const now = useNow(isDone ? 60_000 : 250);
  const isAway = (mirror: string): boolean => site.peers.some(({ name, connected }) => name === mirror && !connected);
  // One that is away would draw the others' bars together as time goes on.
  const ends = peers.flatMap(({ peer, publishedAt }) => publishedAt ?? (isAway(peer) ? [] : [now]));
  const end = Math.max(release.at + 1, ...ends);
  const headline =
    peers.length === 0
      ? texts.hereOnly
      : convergedMillis !== undefined
        ? texts.all(peers.length, format.duration(convergedMillis))
        : texts.some2(done, peers.length);
  return (
    <section className="panel publish-reached" aria-labelledby="reached-title">
      <div className="publish-headline">
        <StateMark state={isDone ? 'in-step' : 'working'} size={18} />
        <h2 id="reached-title" aria-live="polite">
          {headline}
        </h2>
      </div>
      <p className="facts">
        <span>
          {release.reverts !== undefined && `${texts.undone} `}
          {release.name}
        </span>
        <span>{texts.changes(format.number(release.changes), release.changes)}</span>
        <span title={format.exact(release.at)}>{texts.at(format.clock(release.at, now))}</span>
        {skewMillis !== undefined && <span>{texts.skew(format.duration(skewMillis))}</span>}
      </p>
      {peers.length > 0 && (
        <ul className="publish-lanes" aria-label={texts.mirrors}>
          {peers.map((peer) => (
            <Lane key={peer.peer} peer={peer} release={release} site={site} end={end} now={now} />
          ))}
        </ul>
      )}
      {release.reverts === undefined && <Undo release={release} onUndone={(undo) => actions.follow(undo)} />}
    </section>
  );
}

interface LaneProps {
  peer: Release['peers'][number];
  release: Release;
  site: Site;
  end: number;
  now: number;
}

/** From the moment of publication to that at which the mirror showed it. */
function Lane({ peer, release, site, end, now }: LaneProps): ReactElement {
  const { t, format } = useText();
  const known = site.peers.find(({ name }) => name === peer.peer);
  const share = (((peer.publishedAt ?? now) - release.at) / (end - release.at)) * 100;
  const state: State =
    peer.publishedAt !== undefined
      ? 'in-step'
      : known && peerState(known) !== 'in-step'
        ? peerState(known)
        : peer.readyAt === undefined
          ? 'working'
          : 'waiting';
  return (
    <li className="publish-lane">
      <StateMark state={state} />
      <span className="peer-name">{peer.peer}</span>
      <span className="lane-track" aria-hidden="true">
        <span className={`lane-bar state-${state}`} style={{ width: `${Math.min(100, Math.max(0.5, share))}%` }} />
      </span>
      <span className={peer.publishedAt === undefined ? `state-${state}` : 'number'}>
        {peer.publishedAt !== undefined
          ? format.duration(Math.max(0, peer.publishedAt - release.at))
          : known && !known.connected
            ? t.publish.away(known.lastSeenAt === undefined ? '–' : format.ago(known.lastSeenAt, now))
            : state === 'waiting'
              ? t.publish.ready
              : state === 'working'
                ? t.publish.onItsWay
                : t.state[state]}
      </span>
    </li>
  );
}

function Undo({ release, onUndone }: { release: Release; onUndone: (id: number) => void }): ReactElement {
  const { t, format } = useText();
  const bridge = useBridge();
  const [asks, setAsks] = useState(false);
  const { run, busy, refusal } = useTask(async () => {
    const { id } = await bridge.call('release.rollback', { site: release.site, release: release.id });
    onUndone(id);
  });
  if (!asks) {
    return (
      <div className="publish-undo">
        <button type="button" className="button" onClick={() => setAsks(true)}>
          {t.publish.undo}
        </button>
      </div>
    );
  }
  return (
    <div className="publish-undo" role="group" aria-label={t.publish.undo}>
      <p>{t.publish.undoExplain(format.number(release.changes), release.changes)}</p>
      <Refused error={refusal} />
      <div className="publish-actions">
        <button type="button" className="button" disabled={busy} onClick={() => setAsks(false)}>
          {t.publish.cancel}
        </button>
        <button type="button" className="button primary" disabled={busy} onClick={() => run()}>
          {t.publish.undoNow}
        </button>
      </div>
    </div>
  );
}
