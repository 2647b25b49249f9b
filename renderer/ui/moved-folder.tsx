import { type ReactElement, useState } from 'react';
import type { Status } from '../../shared/contract/status.ts';
import { useBridge } from '../bridge/bridge-context.ts';
import { useText } from '../i18n/use-text.ts';
import { DialogForm } from './dialog-form.tsx';
import { FolderField } from './field.tsx';
import { useTask } from './use-task.ts';

/** Where the folder of a site stands now: the very one that was somewhere else, published from here or followed into. */
export function MovedFolder({
  site,
  root,
  role,
  onDone = () => undefined,
  onClose,
}: {
  site: string;
  /** Where it was, as far as known. */
  root: string;
  role: Status['node']['role'];
  onDone?: () => void;
  onClose: () => void;
}): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const [folder, setFolder] = useState(root);
  const texts = t.together.waiting;
  const task = useTask(async () => {
    if (role === 'master') await bridge.call('site.set', { name: site, root: folder.trim() });
    else await bridge.call('follow.set', { site, root: folder.trim() });
    onClose();
    onDone();
  });
  const isOther = folder.trim() !== '' && folder.trim() !== root;
  return (
    <DialogForm title={texts.askMoved(site)} task={task} action={texts.movedNow} ready={isOther} onClose={onClose}>
      <FolderField label={texts.movedFolder} value={folder} note={texts.movedNote} onChange={setFolder} />
    </DialogForm>
  );
}
