import { type ReactElement, useEffect, useRef, useState } from 'react';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { useTask } from '../../ui/use-task.ts';
import { download } from '../../ui/download.ts';
import { exportRows, type Layout } from './export-rows.ts';
import type { HistoryFilter } from './history-pages.ts';

const PAGE = 1000;
const types = { csv: 'text/csv;charset=utf-8', json: 'application/json' } as const;

/** Saves what the filter finds, all of it, as a file. */
export function Export({ filter, site }: { filter: HistoryFilter; site: string }): ReactElement {
  const { t, format } = useText();
  const bridge = useBridge();
  const texts = t.history.screen;
  const [saved, setSaved] = useState(0);
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const { run, busy, refusal } = useTask(async (layout: Layout) => {
    const controller = new AbortController();
    stop.current = controller;
    setSaved(0);
    const parts: Blob[] = [];
    const readPage = (before: string | undefined): ReturnType<typeof bridge.call<'history.page'>> =>
      bridge.call('history.page', { ...filter, limit: PAGE, ...(before !== undefined && { before }) });
    try {
      for await (const { text, rows } of exportRows(readPage, layout, controller.signal)) {
        // A blob may lie on disk; a long text would lie in memory.
        parts.push(new Blob([text]));
        setSaved((before) => before + rows);
      }
    } catch (error) {
      if (controller.signal.aborted) return;
      throw error;
    }
    const day = new Date().toISOString().slice(0, 10);
    download(new Blob(parts, { type: types[layout] }), `${site}-history-${day}.${layout}`);
  });
  return (
    <div className="history-export">
      {refusal !== undefined && <ErrorText error={refusal} />}
      {busy ? (
        <>
          <output className="dim number">{texts.exporting(format.number(saved))}</output>
          <button type="button" className="button" onClick={() => stop.current?.abort()}>
            {texts.cancel}
          </button>
        </>
      ) : (
        <fieldset className="history-export" aria-label={texts.exportLabel}>
          <span className="dim" aria-hidden="true">
            {texts.exportLabel}
          </span>
          <button type="button" className="button" onClick={() => run('csv')}>
            {texts.exportCsv}
          </button>
          <button type="button" className="button" onClick={() => run('json')}>
            {texts.exportJson}
          </button>
        </fieldset>
      )}
    </div>
  );
}
