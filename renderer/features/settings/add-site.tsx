import { type ReactElement, useState } from 'react';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { useTask } from '../../ui/use-task.ts';
import { Field, FolderField } from '../../ui/field.tsx';
import { Check } from '../../ui/inputs.tsx';
import { TakeOver } from '../../ui/take-over.tsx';

export function AddSite({ onDone, onClose }: { onDone: () => void; onClose: () => void }): ReactElement {
  const { t } = useText();
  const texts = t.settings.screen.sites;
  const bridge = useBridge();
  const [name, setName] = useState('');
  const [root, setRoot] = useState('');
  const [takeOver, setTakeOver] = useState(false);
  const [watch, setWatch] = useState(false);
  const task = useTask(async () => {
    await bridge.call('site.add', { name: name.trim(), root: root.trim(), watch, takeOver });
    onDone();
  });
  return (
    <DialogForm title={texts.addTitle} task={task} action={texts.add} onClose={onClose}>
      <Field label={texts.name} value={name} onChange={setName} />
      <FolderField
        label={texts.folder}
        value={root}
        onChange={(chosen) => {
          setRoot(chosen);
          setTakeOver(false);
        }}
      />
      <TakeOver refusal={task.refusal} checked={takeOver} onChange={setTakeOver} />
      <Check label={texts.watch} checked={watch} onChange={setWatch} />
      {task.busy && <output className="dim">{texts.rescanning}</output>}
    </DialogForm>
  );
}
