import type { ReactElement } from 'react';
import type { CallResult } from '../../../shared/contract/calls.ts';
import type { PeerStatus } from '../../../shared/contract/status.ts';
import { changesShown } from '../../../shared/domain/explain-peer.ts';
import { useText } from '../../i18n/use-text.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { Fact } from '../../ui/fact.tsx';
import { Ago } from '../../ui/time.tsx';
import { useCall } from '../../ui/use-call.ts';
import type { Site } from '../../stores/peer-state.ts';

/** Clocks that differ by less agree: the way of the message is in it. */
const CLOCK_AGREES_MILLIS = 1000;

interface Props {
  site: Site;
  peer: PeerStatus;
  role: 'master' | 'mirror';
  /** Of this install. */
  version: string;
}

/** How it is reached, what it gets, and who it is. */
export function PeerFacts({ site, peer, role, version }: Props): ReactElement {
  const { t, format } = useText();
  const texts = t.mirrors.screen;
  const { answer } = useCall('peer.list', {});
  const known = answer.value?.find(({ id }) => id === peer.id);
  return (
    <section className="panel" aria-labelledby="facts-title">
      <div className="panel-head">
        <h2 id="facts-title">{texts.facts}</h2>
      </div>
      <dl className="facts-list">
        <Fact name={texts.lastHeard}>
          {peer.connected ? texts.now : peer.lastSeenAt === undefined ? texts.never : <Ago at={peer.lastSeenAt} />}
        </Fact>
        <Fact name={t.mirrors.publishedLabel}>
          {peer.inStep
            ? texts.upTo(format.number(site.headSeq))
            : texts.published(format.number(changesShown(peer, site.headSeq)), format.number(site.headSeq))}
        </Fact>
        {role === 'master' && (
          <Fact name={texts.gets}>
            <Gets site={site.name} mirror={peer.name} />
          </Fact>
        )}
        {known !== undefined && (
          <>
            <Fact name={texts.address}>
              {known.address === null ? (
                texts.noAddress
              ) : (
                <>
                  <span className="mono">{known.address}</span>{' '}
                  <span className="dim">{known.dial === role ? texts.dials.us : texts.dials.them}</span>
                </>
              )}
            </Fact>
            {known.sites.length > 1 && <Fact name={texts.sites}>{known.sites.join(', ')}</Fact>}
          </>
        )}
        <Fact name={texts.clock}>
          <Clock aheadMillis={peer.clockAheadMillis} />
        </Fact>
        {peer.version !== undefined && (
          <Fact name={t.peer.version}>
            {peer.version === version ? (
              <>
                {peer.version} <span className="dim">{t.peer.sameVersion}</span>
              </>
            ) : (
              <span className="state-held">{peer.version}</span>
            )}
          </Fact>
        )}
        <Fact name={texts.identity}>
          <Copyable label={texts.identity} text={peer.id} />
          <span className="dim">{texts.identityNote}</span>
        </Fact>
      </dl>
    </section>
  );
}

function Clock({ aheadMillis }: { aheadMillis: number | undefined }): ReactElement {
  const { t, format } = useText();
  const texts = t.mirrors.screen;
  if (aheadMillis === undefined) return <span className="dim">{texts.clockUnknown}</span>;
  if (Math.abs(aheadMillis) < CLOCK_AGREES_MILLIS) return <>{texts.clockSame}</>;
  const time = format.duration(Math.abs(aheadMillis));
  return <span className="state-held">{aheadMillis > 0 ? texts.clockAhead(time) : texts.clockBehind(time)}</span>;
}

function Gets({ site, mirror }: { site: string; mirror: string }): ReactElement {
  const { t } = useText();
  const texts = t.mirrors.screen;
  const { answer } = useCall('route.list', { site });
  if (answer.value === undefined) return <span className="dim">{t.asking}</span>;
  const globs = globsFor(answer.value, mirror);
  if (globs === 'all') return <>{texts.getsAll}</>;
  if (globs.length === 0) return <span className="state-held">{texts.getsNothing}</span>;
  return (
    <span className="chips">
      {globs.map((glob) => (
        <code key={glob} className="chip">
          {glob}
        </code>
      ))}
    </span>
  );
}

function globsFor(routes: CallResult<'route.list'>, mirror: string): 'all' | string[] {
  if (routes.length === 0) return 'all';
  return routes.flatMap(({ glob, mirrors }) => (mirrors === 'all' || mirrors.includes(mirror) ? [glob] : []));
}
