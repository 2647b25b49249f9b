import type { ReactElement } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { useText } from '../../i18n/use-text.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Invite } from './invite.tsx';
import { useSelectedSite } from '../../stores/use-selected-site.ts';

/** A pairing code, from wherever the person is. */
export function InviteDialog({ status, onClose }: { status: Status; onClose: () => void }): ReactElement | null {
  const { t } = useText();
  const site = useSelectedSite(status);
  if (site === undefined) return null;
  return (
    <Dialog title={t.noMirrors.codeLabel} onClose={onClose}>
      <Invite site={site.name} />
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          {t.dialog.close}
        </button>
      </div>
    </Dialog>
  );
}
