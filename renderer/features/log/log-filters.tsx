import type { ReactElement } from 'react';
import { type LogPage, logLevels } from '../../../shared/contract/log.ts';
import { useText } from '../../i18n/use-text.ts';
import { Segments } from '../../ui/segments.tsx';
import type { LogQuestion } from './log-filter.ts';

interface Props {
  question: LogQuestion;
  parts: readonly string[];
  /** Of sites and peers. */
  names: readonly string[];
  recorded: LogPage['recorded'] | undefined;
  onRecord: (level: 'info' | 'debug') => void;
  onChange: (change: Partial<LogQuestion>) => void;
}

const recordable = ['info', 'debug'] as const;

export function LogFilters({ question, parts, names, recorded, onRecord, onChange }: Props): ReactElement {
  const { t } = useText();
  const texts = t.log;
  return (
    <search className="log-filters" aria-label={texts.filters}>
      <input
        type="search"
        className="search"
        aria-label={texts.text}
        placeholder={texts.text}
        value={question.text}
        spellCheck={false}
        onChange={(event) => onChange({ text: event.target.value })}
      />
      <select
        aria-label={texts.level}
        value={question.level}
        onChange={(event) => onChange({ level: logLevels.find((each) => each === event.target.value) ?? 'debug' })}
      >
        {logLevels.toReversed().map((level) => (
          <option key={level} value={level}>
            {texts.from[level]}
          </option>
        ))}
      </select>
      <Choice
        label={texts.part}
        any={texts.anyPart}
        value={question.part}
        names={parts}
        onChange={(part) => onChange({ part })}
      />
      <Choice
        label={texts.about}
        any={texts.anyAbout}
        value={question.about}
        names={names}
        onChange={(about) => onChange({ about })}
      />
      {recorded !== undefined && (
        <span className="log-record" title={texts.recordNote}>
          <span className="dim">{texts.record}</span>
          <Segments
            label={texts.record}
            names={texts.recorded}
            options={recordable}
            value={recorded}
            onChange={onRecord}
          />
        </span>
      )}
    </search>
  );
}

interface ChoiceProps {
  label: string;
  any: string;
  value: string;
  names: readonly string[];
  onChange: (value: string) => void;
}

function Choice({ label, any, value, names, onChange }: ChoiceProps): ReactElement {
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{any}</option>
      {names.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}
