import { type ReactElement, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { LogLine } from '../../../shared/contract/log.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { useTask } from '../../ui/use-task.ts';
import { download } from '../../ui/download.ts';
import { fitting, namesIn, noQuestion, plainLine, sayWith } from './log-filter.ts';
import { LogFilters } from './log-filters.tsx';
import { LogList } from './log-list.tsx';
import { LogPanel } from './log-panel.tsx';
import { LogTail } from './log-tail.ts';
import './log.css';

/** What the engine writes down about itself, as it happens. */
export function Log(): ReactElement {
  const { t, format, sentence } = useText();
  const tail = useTail();
  const { lines, recorded, isReading, error } = useSyncExternalStore(tail.subscribe, tail.view);
  const [question, setQuestion] = useState(noQuestion);
  // What was there when the tail was stopped; undefined: it runs.
  const [paused, setPaused] = useState<readonly LogLine[]>();
  const [selected, setSelected] = useState<number>();
  const say = useMemo(() => sayWith(sentence), [sentence]);
  const shown = useMemo(() => fitting(paused ?? lines, question, say), [paused, lines, question, say]);
  const line = shown.find(({ id }) => id === selected);
  const missed = paused === undefined ? 0 : lines.filter(({ id }) => id > (paused.at(-1)?.id ?? 0)).length;
  const texts = shown.map((each) => plainLine(each, say));
  const copy = useTask(() => navigator.clipboard.writeText(texts.join('\n')));
  const record = useTask((level: 'info' | 'debug') => tail.record(level));
  return (
    <div className="page lists">
      <header className="log-head">
        <h1 className="headline">{t.nav.screens.log}</h1>
        <p className="facts">
          <span>{t.log.shown(format.number(shown.length))}</span>
          {paused !== undefined && <span>{t.log.isPaused(format.number(missed))}</span>}
        </p>
        <div className="log-tools">
          <button
            type="button"
            className="button"
            aria-pressed={paused !== undefined}
            onClick={() => setPaused(paused === undefined ? lines : undefined)}
          >
            {paused === undefined ? t.log.pause : t.log.goOn}
          </button>
          <TakeAway texts={texts} copy={copy} />
        </div>
      </header>
      <LogFilters
        question={question}
        parts={namesIn(lines, ({ part }) => [part])}
        names={namesIn(lines, ({ site, peer }) => [site, peer])}
        recorded={recorded}
        onRecord={(level) => record.run(level)}
        onChange={(change) => setQuestion({ ...question, ...change })}
      />
      {[error, record.refusal, copy.refusal].map(
        (each, index) =>
          each !== undefined && (
            // oxlint-disable-next-line react/no-array-index-key -- each has its place
            <p key={index} role="alert">
              <ErrorText error={each} />
            </p>
          ),
      )}
      <div className={line === undefined ? 'list-body' : 'list-body with-panel'}>
        <LogList
          lines={shown}
          say={say}
          isPaused={paused !== undefined}
          empty={isReading ? t.log.reading : lines.length === 0 ? t.log.nothing : t.log.notFound}
          selected={selected}
          onSelect={setSelected}
        />
        {line !== undefined && (
          <LogPanel line={line} text={plainLine(line, say)} onClose={() => setSelected(undefined)} />
        )}
      </div>
    </div>
  );
}

/** What is shown, as text: to the clipboard, or into a file. */
function TakeAway({
  texts,
  copy,
}: {
  texts: readonly string[];
  copy: { busy: boolean; run: () => void };
}): ReactElement {
  const { t } = useText();
  const isEmpty = texts.length === 0;
  return (
    <>
      <button type="button" className="button" disabled={copy.busy || isEmpty} onClick={() => copy.run()}>
        {t.copy.copy}
      </button>
      <button
        type="button"
        className="button"
        disabled={isEmpty}
        onClick={() => download(new Blob([`${texts.join('\n')}\n`], { type: 'text/plain' }), 'lockstep.log')}
      >
        {t.log.save}
      </button>
    </>
  );
}

function useTail(): LogTail {
  const bridge = useBridge();
  const tail = useMemo(() => new LogTail(bridge), [bridge]);
  useEffect(() => {
    tail.start();
    return () => tail.stop();
  }, [tail]);
  return tail;
}
