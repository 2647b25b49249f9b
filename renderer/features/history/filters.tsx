import type { ReactElement } from 'react';
import type { GlobProblem } from '../../../shared/domain/glob.ts';
import { outcomes } from '../../../shared/domain/outcome.ts';
import { useText } from '../../i18n/use-text.ts';
import { kinds, type Question, spans } from './filter.ts';

interface Props {
  question: Question;
  mirrors: readonly string[];
  /** The pattern is not finished. */
  problem: GlobProblem | undefined;
  onChange: (change: Partial<Question>) => void;
  onClear: (() => void) | undefined;
}

/** What of the history is shown. */
export function Filters({ question, mirrors, problem, onChange, onClear }: Props): ReactElement {
  const { t, patternProblem } = useText();
  const texts = t.history.screen;
  return (
    <search className="history-filters" aria-label={texts.filters}>
      <label className="history-path">
        <span className="visually-hidden">{texts.path}</span>
        <input
          type="search"
          className="mono"
          value={question.path}
          placeholder={texts.pathHint}
          spellCheck={false}
          autoComplete="off"
          aria-invalid={problem !== undefined}
          title={patternProblem(problem)}
          onChange={(event) => onChange({ path: event.target.value })}
        />
      </label>
      {mirrors.length > 0 && (
        <Choice
          label={texts.peer}
          any={texts.anyPeer}
          value={question.peer}
          choices={mirrors.map((name) => [name, name])}
          onChange={(peer) => onChange({ peer })}
        />
      )}
      <Choice
        label={texts.outcome}
        any={texts.anyOutcome}
        value={question.outcome}
        choices={outcomes.map((each) => [each, texts.outcomes[each]])}
        onChange={(value) => onChange({ outcome: outcomes.find((each) => each === value) ?? '' })}
      />
      <Choice
        label={texts.kind}
        any={texts.anyKind}
        value={question.kind}
        choices={kinds.map((each) => [each, texts.kinds[each]])}
        onChange={(value) => onChange({ kind: kinds.find((each) => each === value) ?? '' })}
      />
      <Choice
        label={texts.span}
        any={texts.anySpan}
        value={question.span}
        choices={spans.map((each) => [each, texts.spans[each]])}
        onChange={(value) => onChange({ span: spans.find((each) => each === value) ?? '' })}
      />
      {question.span === 'between' && (
        <>
          <Moment label={texts.from} value={question.from} onChange={(from) => onChange({ from })} />
          <Moment label={texts.to} value={question.to} onChange={(to) => onChange({ to })} />
        </>
      )}
      {onClear !== undefined && (
        <button type="button" className="button quiet" onClick={onClear}>
          {texts.clear}
        </button>
      )}
    </search>
  );
}

interface ChoiceProps {
  label: string;
  any: string;
  value: string;
  choices: readonly (readonly [value: string, name: string])[];
  onChange: (value: string) => void;
}

function Choice({ label, any, value, choices, onChange }: ChoiceProps): ReactElement {
  return (
    <select
      aria-label={label}
      className={value === '' ? '' : 'chosen'}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{any}</option>
      {choices.map(([each, name]) => (
        <option key={each} value={each}>
          {name}
        </option>
      ))}
    </select>
  );
}

function Moment({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}): ReactElement {
  return (
    <label className="history-moment">
      <span className="dim">{label}</span>
      <input type="datetime-local" step={1} value={value} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}
