import type { ReactElement } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { useCall } from '../../ui/use-call.ts';
import { Field } from '../../ui/field.tsx';
import { type InviteDraft, inviteParams, type Period, periods } from './invite-draft.ts';

interface Props {
  draft: InviteDraft;
  onChange: (draft: InviteDraft) => void;
}

/** How long the code is good, and at which address the mirror looks: those of this machine are offered. */
export function InviteOptions({ draft, onChange }: Props): ReactElement {
  const { t } = useText();
  const texts = t.pairing;
  const { answer } = useCall('pairing.addresses', {});
  const offered = answer.value?.addresses ?? [];
  const isWrong = draft.address === 'other' && draft.other !== '' && inviteParams('', draft) === undefined;
  return (
    <div className="invite-options">
      <label>
        <span className="dim">{texts.validFor}</span>
        <select value={draft.period} onChange={(event) => onChange({ ...draft, period: periodOf(event.target.value) })}>
          {allPeriods.map((period) => (
            <option key={period} value={period}>
              {texts.periods[period]}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span className="dim">{texts.address}</span>
        <select value={draft.address} onChange={(event) => onChange({ ...draft, address: event.target.value })}>
          <option value="all">{texts.allAddresses}</option>
          {offered.map((address) => (
            <option key={address} value={address}>
              {address}
            </option>
          ))}
          <option value="other">{texts.other}</option>
        </select>
      </label>
      {draft.address === 'other' && (
        <Field
          label={texts.otherLabel}
          value={draft.other}
          mono
          isWrong={isWrong}
          note={isWrong ? texts.otherWrong : undefined}
          onChange={(other) => onChange({ ...draft, other })}
        />
      )}
    </div>
  );
}

const allPeriods: readonly Period[] = ['ten', 'hour', 'day', 'week'];

function periodOf(text: string): Period {
  return allPeriods.find((period) => period === text && period in periods) ?? 'ten';
}
