import { type ReactElement, type ReactNode, useState } from 'react';
import type { CallResult } from '../../../shared/contract/calls.ts';
import type { Hours, Limits } from '../../../shared/contract/conditions.ts';
import type { PeerStatus } from '../../../shared/contract/status.ts';
import { useText } from '../../i18n/use-text.ts';
import { Asked } from '../../ui/asked.tsx';
import { Fact } from '../../ui/fact.tsx';
import { PathText } from '../../ui/path-text.tsx';
import { useCall } from '../../ui/use-call.ts';
import { useNow } from '../../ui/use-now.ts';
import type { Site } from '../../stores/peer-state.ts';
import { hourText } from './limits-draft.ts';
import { LimitsForm } from './limits-form.tsx';

const DRIFTED_SHOWN = 20;

interface Props {
  site: Site;
  peer: PeerStatus;
}

/** At a master: what it asks of a mirror. */
export function MirrorLimits({ peer }: Omit<Props, 'site'>): ReactElement {
  const { t } = useText();
  const { answer, again } = useCall('peer.list', {});
  return (
    <Asked answer={answer}>
      {(peers) => {
        const limits = peers.find(({ id }) => id === peer.id)?.limits ?? {};
        return (
          <Panel
            form={(close) => <LimitsForm name={peer.name} of={{ peer: peer.id, limits }} {...closing(close, again)} />}
          >
            <Shared limits={limits} peer={peer} tell={{ rate: t.peer.ownRate, hours: t.peer.ownHours }} isThere />
          </Panel>
        );
      }}
    </Asked>
  );
}

/** At a mirror: what is set for a followed site. */
export function FollowLimits({ site, peer }: Props): ReactElement {
  const { t, format } = useText();
  const { answer, again } = useCall('follow.list', {});
  return (
    <Asked answer={answer}>
      {(follows: CallResult<'follow.list'>) => {
        const follow = follows.find((each) => each.site === site.name);
        if (!follow) return null;
        const { connections, exclude, deleteGuard, drift } = follow;
        return (
          <Panel form={(close) => <LimitsForm name={site.name} of={{ follow }} {...closing(close, again)} />}>
            <Shared limits={follow} peer={peer} tell={{ rate: t.peer.askedRate, hours: t.peer.askedHours }} />
            <Fact name={t.peer.connections}>{t.peer.files(format.number(connections), connections)}</Fact>
            <Fact name={t.peer.leavesOut}>
              {exclude.length === 0 && t.peer.nothingLeftOut}
              <span className="chips">
                {exclude.map((glob) => (
                  <code key={glob} className="chip">
                    {glob}
                  </code>
                ))}
              </span>
            </Fact>
            <Fact name={t.peer.guard}>{t.peer.guardAsks(format.number(Math.round(deleteGuard * 100)))}</Fact>
            <Fact name={t.peer.drift}>
              {t.peer.driftDoes[drift]}
              <Drifted site={site.name} />
            </Fact>
          </Panel>
        );
      }}
    </Asked>
  );
}

/** Files that somebody else has changed here, as far as it was noticed. */
function Drifted({ site }: { site: string }): ReactElement | null {
  const { t } = useText();
  const { answer } = useCall('follow.drift', { site, limit: DRIFTED_SHOWN }, 5000);
  const rows = answer.value ?? [];
  if (rows.length === 0) return null;
  return (
    <ul className="drifted">
      {rows.map(({ path, state, missing, keptAs }) => (
        <li key={`${state} ${path}`}>
          <PathText path={path} />{' '}
          <span className="dim">
            {missing && `${t.peer.driftMissing}, `}
            {t.peer.driftState[state]}
            {keptAs !== undefined && t.peer.driftKeptAs(keptAs)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function closing(close: () => void, again: () => void): { onDone: () => void; onClose: () => void } {
  return {
    onDone: () => {
      close();
      again();
    },
    onClose: close,
  };
}

interface PanelProps {
  form: (close: () => void) => ReactElement;
  children: ReactNode;
}

function Panel({ form, children }: PanelProps): ReactElement {
  const { t } = useText();
  const [isChanging, setChanging] = useState(false);
  return (
    <section className="panel" aria-labelledby="limits-title">
      <div className="panel-head">
        <h2 id="limits-title">{t.peer.limits}</h2>
        <button type="button" className="button quiet" onClick={() => setChanging(true)}>
          {t.peer.change}
        </button>
      </div>
      <dl className="facts-list">{children}</dl>
      {isChanging && form(() => setChanging(false))}
    </section>
  );
}

interface SharedProps {
  limits: Limits;
  peer: PeerStatus;
  /** What the other end has set too. */
  tell: { readonly rate: (rate: string) => string; readonly hours: (hours: string) => string };
  /** The mirror is not this machine: its clock is another. */
  isThere?: boolean;
}

function Shared({ limits, peer, tell, isThere = false }: SharedProps): ReactElement {
  const { t, format } = useText();
  const now = useNow();
  const { bytesPerSecond, hours: all = [], opensAt } = peer.conditions ?? {};
  const fromTo = ({ from, to }: Hours): string => t.peer.fromTo(hourText(from), hourText(to % 24));
  const others = all.filter(({ from, to }) => from !== limits.hours?.from || to !== limits.hours.to);
  return (
    <>
      <Fact name={t.peer.rate}>
        {limits.bytesPerSecond === undefined ? t.peer.noRate : t.peer.atMost(format.bytes(limits.bytesPerSecond))}
        {bytesPerSecond !== undefined && bytesPerSecond !== limits.bytesPerSecond && (
          <span className="dim">{tell.rate(format.bytes(bytesPerSecond))}</span>
        )}
      </Fact>
      <Fact name={t.peer.hours}>
        {limits.hours === undefined ? t.peer.allHours : fromTo(limits.hours)}
        {limits.hours !== undefined && isThere && <span className="dim">{t.peer.mirrorsClock}</span>}
        {opensAt !== undefined && opensAt > now && (
          <span className="state-waiting">{t.peer.nextAt(format.minute(opensAt, now))}</span>
        )}
        {others.map((each) => (
          <span key={`${each.from}-${each.to}`} className="dim">
            {tell.hours(fromTo(each))}
          </span>
        ))}
      </Fact>
    </>
  );
}
