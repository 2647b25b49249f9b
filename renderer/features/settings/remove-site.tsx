import { type ReactElement, useState } from 'react';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { Asked } from '../../ui/asked.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/inputs.tsx';
import { useCall } from '../../ui/use-call.ts';
import { useTask } from '../../ui/use-task.ts';

/** There is no way back: it says what goes, and wants the name typed. */
export function RemoveSite({
  name,
  onDone,
  onClose,
}: {
  name: string;
  onDone: () => void;
  onClose: () => void;
}): ReactElement {
  const { t, format } = useText();
  const texts = t.settings.screen.sites;
  const bridge = useBridge();
  const { answer } = useCall('site.remove', { name, dryRun: true });
  const [typed, setTyped] = useState('');
  const task = useTask(async () => {
    await bridge.call('site.remove', { name });
    onDone();
  });
  return (
    <DialogForm
      title={texts.removeTitle(name)}
      task={task}
      action={texts.removeDo}
      ready={typed === name}
      danger
      onClose={onClose}
    >
      <Asked answer={answer}>
        {({ files, mirrors, accounts }) => (
          <div className="dialog-text">
            <p>{texts.removeFiles(t.settings.files(format.number(files), files))}</p>
            {mirrors.length > 0 && <p>{texts.removeMirrors(mirrors.join(', '))}</p>}
            {accounts > 0 && <p>{texts.removeAccounts(format.number(accounts), accounts)}</p>}
            <p>{texts.removeHistory}</p>
          </div>
        )}
      </Asked>
      <TextField label={texts.removeType(name)} value={typed} onChange={setTyped} />
    </DialogForm>
  );
}
