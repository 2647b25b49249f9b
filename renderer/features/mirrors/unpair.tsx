import { type ReactElement, useState } from 'react';
import type { CallResult } from '../../../shared/contract/calls.ts';
import type { PeerStatus } from '../../../shared/contract/status.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { go } from '../../stores/location.ts';
import { useText } from '../../i18n/use-text.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { ErrorText } from '../../ui/error-text.tsx';
import { useTask } from '../../ui/use-task.ts';
import type { Site } from '../../stores/peer-state.ts';

interface Props {
  peer: PeerStatus;
  site: Site;
  role: 'master' | 'mirror';
  /** At a mirror: further sites of the same master are followed. */
  hasOthers: boolean;
}

/** Parts with a mirror, or at a mirror with a site. What ends is told first, by the engine itself. */
export function Unpair({ peer, site, role, hasOthers }: Props): ReactElement {
  const { t } = useText();
  const texts = t.mirrors.screen;
  const bridge = useBridge();
  const [ending, setEnding] = useState<CallResult<'peer.remove'>>();
  const end = (dryRun: boolean): Promise<CallResult<'peer.remove'>> =>
    role === 'master'
      ? bridge.call('peer.remove', { peer: peer.id, dryRun })
      : bridge.call('follow.remove', { site: site.name, dryRun });
  const look = useTask(async () => setEnding(await end(true)));
  const { run, busy, refusal } = useTask(async () => {
    await end(false);
    setEnding(undefined);
    go('mirrors');
  });
  return (
    <p className="peer-remove">
      <button type="button" className="button" disabled={look.busy} onClick={() => look.run()}>
        {role === 'master' ? texts.removeMirror : texts.removeMaster}
      </button>
      {look.refusal !== undefined && (
        <span role="alert">
          <ErrorText error={look.refusal} />
        </span>
      )}
      {ending !== undefined && (
        <Confirm
          title={role === 'master' ? texts.askRemove(peer.name) : texts.askUnfollow(site.name)}
          action={texts.remove}
          busy={busy}
          refusal={refusal}
          onConfirm={() => run()}
          onClose={() => setEnding(undefined)}
        >
          <Ending ending={ending} peer={peer} site={site} role={role} />
          {role === 'mirror' && !hasOthers && <p>{t.peer.lastOfMaster}</p>}
          <p className="dim">{t.peer.repair}</p>
        </Confirm>
      )}
    </p>
  );
}

function Ending({
  ending: { sites },
  peer,
  site,
  role,
}: Omit<Props, 'hasOthers'> & { ending: CallResult<'peer.remove'> }): ReactElement {
  const { t, format } = useText();
  const texts = t.mirrors.screen;
  const names = sites.map((each) => each.site).join(', ');
  const filesText = (count: number): string => t.peer.filesOf(format.number(count), count);
  return (
    <>
      <p>{role === 'master' ? texts.removeMeans(peer.name, names) : texts.removeMasterMeans(peer.name, site.name)}</p>
      <ul className="ending">
        {sites.map(({ site: each, files, root, behind = 0 }) => (
          <li key={each}>
            {root === undefined
              ? t.peer.unpairWhat(each, filesText(files))
              : t.peer.unfollowWhat(filesText(files), root)}
            {behind > 0 && <strong> {t.peer.unpairBehind(format.number(behind), behind)}</strong>}
          </li>
        ))}
      </ul>
    </>
  );
}
