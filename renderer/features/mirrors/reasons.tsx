import { type ReactElement, useState } from 'react';
import type { PeerStatus, Status, WaitingItem } from '../../../shared/contract/status.ts';
import { changesBehind, explainPeer, isHindrance, type Reason } from '../../../shared/domain/explain-peer.ts';
import type { ErrorCode } from '../../../shared/errors/codes.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { Refused } from '../../ui/refused.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useTask } from '../../ui/use-task.ts';
import type { Site, State } from '../../stores/peer-state.ts';
import { WaitingEntry } from '../together/waiting/waiting-entry.tsx';
import { remainingMillis, type Sample, withSample } from './pace.ts';
import { usePeerTexts } from './peer-words.ts';

interface Props {
  status: Status;
  site: Site;
  peer: PeerStatus;
  waiting: readonly WaitingItem[];
}

/** Why it is not in step, what can be done, and when it is tried next: the most important first. */
export function Reasons({ status, site, peer, waiting }: Props): ReactElement {
  const { t } = useText();
  const now = useNow();
  const { role, version } = status.node;
  const { texts, words } = usePeerTexts(peer.name, role, now);
  const remaining = useRemaining(changesBehind(peer, site.headSeq), now);
  const explained = { peer, headSeq: site.headSeq, waiting, version };
  const reasons = explainPeer(remaining === undefined ? explained : { ...explained, remainingMillis: remaining }, now);
  const isWell = !reasons.some(isHindrance);
  return (
    <>
      {isWell && <p className="peer-line dim">{t.mirrors.screen.nothingBehind}</p>}
      {reasons.length > 0 && (
        <ul className="needs-list">
          {reasons.map((reason) =>
            'item' in reason ? (
              <WaitingEntry key={reason.item.id} item={reason.item} role={role} showSite={false} />
            ) : (
              <li key={reason.code} className="need">
                <StateMark state={markOf(reason)} />
                <div className="need-text">
                  <p>
                    {texts.sentence(reason, words)} <Code code={'error' in reason ? reason.error?.code : undefined} />
                  </p>
                </div>
                <div className="need-actions">
                  {(reason.code === 'away' || reason.code === 'never-seen') && reason.nextAttemptAt !== undefined && (
                    <Dial peer={peer.id} />
                  )}
                </div>
              </li>
            ),
          )}
        </ul>
      )}
    </>
  );
}

/** As the sentence is of several parts, the code of its error stands behind it. */
function Code({ code }: { code: ErrorCode | undefined }): ReactElement | null {
  const { t } = useText();
  return code === undefined ? null : (
    <code className="reason-code" title={t.code}>
      {code}
    </code>
  );
}

function Dial({ peer }: { peer: string }): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const { run, busy, refusal } = useTask(async () => {
    await bridge.call('peer.dial', { peer });
  });
  return (
    <>
      <button type="button" className="button" disabled={busy} onClick={() => run()}>
        {busy ? t.peer.dialling : t.peer.tryNow}
      </button>
      <Refused error={refusal} />
    </>
  );
}

function markOf({ code }: Exclude<Reason, { item: WaitingItem }>): State {
  switch (code) {
    case 'paused-here':
    case 'paused-there':
      return 'paused';
    case 'away':
    case 'when-back':
      return 'away';
    case 'held-more':
      return 'held';
    case 'failing-more':
    case 'never-open':
    case 'link':
      return 'failing';
    case 'outside-hours':
      return 'waiting';
    case 'limited':
    case 'on-the-way':
      return 'working';
    case 'never-seen':
    case 'version':
    case 'clock':
      return 'unknown';
  }
}

/** Looks how the number of missing changes falls while the page is open. */
function useRemaining(behind: number, now: number): number | undefined {
  const [seen, setSeen] = useState<{ at: number; behind: number; samples: readonly Sample[] }>({
    at: 0,
    behind: 0,
    samples: [],
  });
  if (seen.at !== now || seen.behind !== behind)
    setSeen({ at: now, behind, samples: withSample(seen.samples, { at: now, behind }) });
  return remainingMillis(seen.samples);
}
