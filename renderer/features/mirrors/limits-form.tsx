import { type ReactElement, useId, useState } from 'react';
import type { CallParams, CallResult } from '../../../shared/contract/calls.ts';
import type { Limits } from '../../../shared/contract/conditions.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/inputs.tsx';
import { useTask } from '../../ui/use-task.ts';
import { draftOf, hourText, leastRate, type LimitsDraft, limitsOf, rateUnits } from './limits-draft.ts';

const DRIFTS = ['report', 'restore', 'keep'] as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

type Followed = CallResult<'follow.list'>[number];

interface Props {
  name: string;
  /** At a master: the mirror's id. At a mirror: what is set for the site. */
  of: { readonly peer: string; readonly limits: Limits } | { readonly follow: Followed };
  onDone: () => void;
  onClose: () => void;
}

/** Limits come into force when they are saved, also for what is being fetched. */
export function LimitsForm({ name, of, onDone, onClose }: Props): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const [draft, setDraft] = useState(() => draftOf('follow' in of ? of.follow : of.limits));
  const [own, setOwn] = useState(() => ('follow' in of ? ownDraftOf(of.follow) : undefined));
  const task = useTask(async () => {
    const limits = limitsOf(draft);
    if ('peer' in of) await bridge.call('peer.limit', { peer: of.peer, ...limits });
    else await bridge.call('follow.set', { site: of.follow.site, ...limits, ...(own && ownOf(own)) });
    onDone();
  });
  return (
    <DialogForm title={t.peer.editTitle(name)} task={task} action={t.dialog.save} onClose={onClose}>
      <Rate draft={draft} onChange={setDraft} />
      <HoursChoice draft={draft} onChange={setDraft} />
      {own !== undefined && <OwnFields own={own} onChange={setOwn} />}
    </DialogForm>
  );
}

interface DraftProps {
  draft: LimitsDraft;
  onChange: (draft: LimitsDraft) => void;
}

function Rate({ draft, onChange }: DraftProps): ReactElement {
  const { t } = useText();
  const noteId = useId();
  return (
    <div className="field-and-note">
      <label className="field">
        <span>{t.peer.rateLabel}</span>
        <span className="with-unit">
          <input
            type="number"
            min={leastRate(draft.unit)}
            step="any"
            aria-describedby={noteId}
            value={draft.rate}
            onChange={(event) => onChange({ ...draft, rate: event.target.value })}
          />
          <select
            aria-label={t.peer.rateUnit}
            value={draft.unit}
            onChange={(event) => {
              const unit = rateUnits.find((each) => each === event.target.value);
              if (unit) onChange({ ...draft, unit });
            }}
          >
            {rateUnits.map((unit) => (
              <option key={unit} value={unit}>
                {t.peer.units[unit]}
              </option>
            ))}
          </select>
        </span>
      </label>
      <p className="dim" id={noteId}>
        {t.peer.rateNote}
      </p>
    </div>
  );
}

function HoursChoice({ draft, onChange }: DraftProps): ReactElement {
  const { t } = useText();
  return (
    <fieldset className="radios">
      <legend>{t.peer.hoursLabel}</legend>
      <label>
        <input
          type="radio"
          name="hours"
          checked={draft.isAlways}
          onChange={() => onChange({ ...draft, isAlways: true })}
        />
        {t.peer.always}
      </label>
      <label>
        <input
          type="radio"
          name="hours"
          checked={!draft.isAlways}
          onChange={() => onChange({ ...draft, isAlways: false })}
        />
        {t.peer.only}
      </label>
      {!draft.isAlways && (
        <>
          <div className="hours">
            <Hour label={t.peer.from} value={draft.from} onChange={(from) => onChange({ ...draft, from })} />
            <Hour label={t.peer.to} value={draft.to % 24} onChange={(to) => onChange({ ...draft, to })} />
          </div>
          <p className="dim">{t.peer.hoursNote}</p>
        </>
      )}
    </fieldset>
  );
}

interface HourProps {
  label: string;
  value: number;
  onChange: (hour: number) => void;
}

function Hour({ label, value, onChange }: HourProps): ReactElement {
  return (
    <label className="hour">
      <span className="dim">{label}</span>
      <select value={value} onChange={(event) => onChange(Number(event.target.value))}>
        {HOURS.map((hour) => (
          <option key={hour} value={hour}>
            {hourText(hour)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface OwnDraft {
  readonly connections: string;
  readonly exclude: string;
  readonly guard: string;
  readonly drift: Followed['drift'];
}

function ownDraftOf({ connections, exclude, deleteGuard, drift }: Followed): OwnDraft {
  const guard = String(Math.round(deleteGuard * 100));
  return { connections: String(connections), exclude: exclude.join('\n'), guard, drift };
}

function ownOf({ connections, exclude, guard, drift }: OwnDraft): Partial<CallParams<'follow.set'>> {
  const globs = exclude.split('\n').map((line) => line.trim());
  return {
    connections: Number(connections),
    exclude: globs.filter((glob) => glob !== ''),
    deleteGuard: Number(guard) / 100,
    drift,
  };
}

/** What only the mirror itself decides. */
function OwnFields({ own, onChange }: { own: OwnDraft; onChange: (own: OwnDraft) => void }): ReactElement {
  const { t } = useText();
  const driftId = useId();
  const noteId = useId();
  return (
    <>
      <TextField
        label={t.peer.connectionsLabel}
        type="number"
        min={1}
        max={32}
        unit=""
        required
        value={own.connections}
        onChange={(connections) => onChange({ ...own, connections })}
      />
      <div className="field-and-note">
        <label className="field">
          <span>{t.peer.excludeLabel}</span>
          <textarea
            className="mono"
            rows={3}
            spellCheck={false}
            aria-describedby={noteId}
            placeholder={'internal/**'}
            value={own.exclude}
            onChange={(event) => onChange({ ...own, exclude: event.target.value })}
          />
        </label>
        <p className="dim" id={noteId}>
          {t.peer.excludeNote}
        </p>
      </div>
      <TextField
        label={t.peer.guardLabel}
        type="number"
        min={0}
        max={100}
        unit={t.peer.percent}
        required
        value={own.guard}
        onChange={(guard) => onChange({ ...own, guard })}
      />
      <div className="field-and-note">
        <label className="field">
          <span>{t.peer.driftLabel}</span>
          <select
            value={own.drift}
            aria-describedby={driftId}
            onChange={(event) => {
              const drift = DRIFTS.find((each) => each === event.target.value);
              if (drift) onChange({ ...own, drift });
            }}
          >
            {DRIFTS.map((drift) => (
              <option key={drift} value={drift}>
                {t.peer.driftDoes[drift]}
              </option>
            ))}
          </select>
        </label>
        <p className="dim" id={driftId}>
          {t.peer.driftNote}
        </p>
      </div>
    </>
  );
}
