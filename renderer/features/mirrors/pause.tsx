import type { ReactElement } from 'react';
import type { PeerStatus, Status } from '../../../shared/contract/status.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useTask } from '../../ui/use-task.ts';
import type { Site } from '../../stores/peer-state.ts';

interface Props {
  site: Site;
  peer: PeerStatus;
  role: Status['node']['role'];
}

/** Pauses this mirror (at a mirror: this site), or lets it go on. What the other end has paused is resumed there. */
export function PauseButton({ site, peer, role }: Props): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const pausedHere = peer.paused?.by === 'here' ? peer.paused : undefined;
  const { run, busy, refusal } = useTask(async () => {
    if (pausedHere?.all) await bridge.call('node.resume', {});
    else if (role === 'master') await bridge.call(pausedHere ? 'peer.resume' : 'peer.pause', { peer: peer.id });
    else await bridge.call(pausedHere ? 'follow.resume' : 'follow.pause', { site: site.name });
  });
  return (
    <span className="pause">
      {refusal !== undefined && (
        <span role="alert">
          <ErrorText error={refusal} />
        </span>
      )}
      <button type="button" className={pausedHere ? 'button primary' : 'button'} disabled={busy} onClick={() => run()}>
        {pausedHere?.all ? t.peer.resumeAll : pausedHere ? t.peer.resume : t.peer.pause}
      </button>
    </span>
  );
}

/** Pauses all mirrors of this master at once, or lets them go on. */
export function PauseAllButton({ pausedAt }: { pausedAt: number | undefined }): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const { run, busy, refusal } = useTask(async () => {
    await bridge.call(pausedAt === undefined ? 'node.pause' : 'node.resume', {});
  });
  return (
    <span className="pause">
      {refusal !== undefined && (
        <span role="alert">
          <ErrorText error={refusal} />
        </span>
      )}
      <button
        type="button"
        className={pausedAt === undefined ? 'button' : 'button primary'}
        disabled={busy}
        onClick={() => run()}
      >
        {pausedAt === undefined ? t.peer.pauseAll : t.peer.resumeAll}
      </button>
    </span>
  );
}

/** Says so wherever it matters, as long as everything is paused here. */
export function AllPaused({ status }: { status: Status }): ReactElement | null {
  const { t, format } = useText();
  const now = useNow();
  if (status.pausedAt === undefined) return null;
  const tell = status.node.role === 'master' ? t.peer.allPaused : t.peer.allFollowsPaused;
  return <output className="all-paused">{tell(format.minute(status.pausedAt, now))}</output>;
}
