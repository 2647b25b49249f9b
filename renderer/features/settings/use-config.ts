import { useState } from 'react';
import type { CallParams } from '../../../shared/contract/calls.ts';
import type { ConfigView } from '../../../shared/contract/config-changes.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useTask } from '../../ui/use-task.ts';

export type Changes = CallParams<'config.set'>['changes'];

/** A form over a part of the config: what was typed, and how it is saved over the very file that was read. */
export function useDraft<D extends object>(
  view: ConfigView,
  read: (view: ConfigView) => D,
  toChanges: (draft: D) => Changes,
  onSaved: () => void,
): {
  draft: D;
  change: (news: Partial<D>) => void;
  bar: { isChanged: boolean; busy: boolean; isSaved: boolean; refusal: ErrorJson | undefined; onDiscard: () => void };
  save: () => void;
} {
  const bridge = useBridge();
  const [typed, setTyped] = useState<{ draft: D; revision: string }>();
  const [isSaved, setSaved] = useState(false);
  const known = read(view);
  const draft = typed?.draft ?? known;
  const isChanged = JSON.stringify(draft) !== JSON.stringify(known);
  const { run, busy, refusal } = useTask(async () => {
    await bridge.call('config.set', { revision: typed?.revision ?? view.revision, changes: toChanges(draft) });
    setTyped(undefined);
    setSaved(true);
    onSaved();
  });
  return {
    draft,
    change: (news) => {
      setSaved(false);
      // What is saved is a change of what the person has seen.
      setTyped({ draft: { ...draft, ...news }, revision: typed?.revision ?? view.revision });
    },
    bar: { isChanged, busy, isSaved, refusal: isChanged ? refusal : undefined, onDiscard: () => setTyped(undefined) },
    save: () => run(),
  };
}
