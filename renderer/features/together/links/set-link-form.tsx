import { type ReactElement, useState } from 'react';
import { useBridge } from '../../../bridge/bridge-context.ts';
import { useText } from '../../../i18n/use-text.ts';
import { DialogForm } from '../../../ui/dialog-form.tsx';
import { TextField } from '../../../ui/inputs.tsx';
import { useTask } from '../../../ui/use-task.ts';

interface Props {
  site: string;
  onDone: () => void;
  onClose: () => void;
}

/** A link that no page shows: files like these wait until that one has changed, too. */
export function SetLinkForm({ site, onDone, onClose }: Props): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const words = t.together.links;
  const [glob, setGlob] = useState('');
  const [target, setTarget] = useState('');
  const task = useTask(async () => {
    await bridge.call('link.add', { site, glob: glob.trim(), target: target.trim() });
    onDone();
  });
  return (
    <DialogForm title={words.addTitle} task={task} action={words.addNow} onClose={onClose}>
      <p className="dim">{words.addExplain}</p>
      <TextField label={words.pages} mono required placeholder="news/**" value={glob} onChange={setGlob} />
      <TextField
        label={words.waitFor}
        mono
        required
        placeholder="news/index.html"
        value={target}
        onChange={setTarget}
      />
    </DialogForm>
  );
}
