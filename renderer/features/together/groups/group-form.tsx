import { type ReactElement, useState } from 'react';
import { useBridge } from '../../../bridge/bridge-context.ts';
import { useText } from '../../../i18n/use-text.ts';
import { DialogForm } from '../../../ui/dialog-form.tsx';
import { TextField } from '../../../ui/inputs.tsx';
import { useTask } from '../../../ui/use-task.ts';
import type { Group } from './group.ts';
import { draftOf, type GroupDraft, groupOf, type Rule, rules, withRule } from './group-draft.ts';

interface Props {
  site: string;
  /** The group to change; absent: a new one. */
  group?: Group;
  onDone: () => void;
  onClose: () => void;
}

export function GroupForm({ site, group, onDone, onClose }: Props): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const words = t.together.groups;
  const [draft, setDraft] = useState(() => draftOf(group));
  const change = (part: Partial<GroupDraft>): void => setDraft((before) => ({ ...before, ...part }));
  const seconds = { type: 'number', min: 0, max: 604_800, step: 'any', unit: words.seconds } as const;
  const task = useTask(async () => {
    await bridge.call('group.add', { site, group: groupOf(draft), replace: group !== undefined });
    onDone();
  });
  return (
    <DialogForm
      title={group === undefined ? words.addTitle : words.editTitle(group.name)}
      task={task}
      action={group === undefined ? words.addNow : t.dialog.save}
      onClose={onClose}
    >
      {group === undefined && (
        <TextField
          label={words.name}
          value={draft.name}
          required
          placeholder="front-page"
          onChange={(name) => change({ name })}
        />
      )}
      <div className="field-and-note">
        <label className="field">
          <span>{words.members}</span>
          <textarea
            className="mono"
            rows={3}
            value={draft.members}
            required
            spellCheck={false}
            placeholder={'index.html\ncss/**\nimages/{hero,team}.jpg'}
            aria-describedby="members-note"
            onChange={(event) => change({ members: event.target.value })}
          />
        </label>
        <p className="dim" id="members-note">
          {words.membersNote}
        </p>
      </div>
      <RuleChoice rule={draft.rule} onChange={(rule) => setDraft((before) => withRule(before, rule))} />
      <div className="pair">
        {draft.rule === 'settle' && (
          <TextField
            {...seconds}
            label={words.settle}
            value={draft.settle}
            required
            onChange={(settle) => change({ settle })}
          />
        )}
        <TextField
          {...seconds}
          label={words.limit}
          note={words.limitNote}
          value={draft.limit}
          onChange={(limit) => change({ limit })}
        />
      </div>
      {draft.limit !== '' && (
        <fieldset className="radios">
          <legend>{words.afterwards}</legend>
          {(['publish', 'hold'] as const).map((then) => (
            <label key={then}>
              <input
                type="radio"
                name="then"
                checked={draft.atLimit === then}
                onChange={() => change({ atLimit: then })}
              />
              {words.afterwardsWords[then]}
            </label>
          ))}
        </fieldset>
      )}
    </DialogForm>
  );
}

function RuleChoice({ rule, onChange }: { rule: Rule; onChange: (rule: Rule) => void }): ReactElement {
  const { t } = useText();
  return (
    <fieldset className="radios">
      <legend>{t.together.groups.rule}</legend>
      {rules.map((each) => (
        <label key={each}>
          <input type="radio" name="rule" checked={each === rule} onChange={() => onChange(each)} />
          <span>
            {t.together.groups.ruleNames[each]}
            <span className="dim">{t.together.groups.ruleNotes[each]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
