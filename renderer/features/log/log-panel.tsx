import type { ReactElement } from 'react';
import type { LogLine } from '../../../shared/contract/log.ts';
import { useText } from '../../i18n/use-text.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { ErrorText } from '../../ui/error-text.tsx';
import { Fact } from '../../ui/fact.tsx';
import { useSidePanel } from '../../ui/use-side-panel.ts';

/** One line, with all that it tells. */
export function LogPanel({ line, text, onClose }: { line: LogLine; text: string; onClose: () => void }): ReactElement {
  const { t, format } = useText();
  const panel = useSidePanel(onClose);
  const { at, level, part, site, peer, error, details, stack } = line;
  return (
    <aside ref={panel} className="panel log-panel" aria-label={t.log.panel}>
      <div className="panel-head">
        <h2>{t.log.levels[level]}</h2>
        <button type="button" className="button quiet" onClick={onClose}>
          {t.dialog.close}
        </button>
      </div>
      <p className="panel-note breakable">{line.text}</p>
      {error !== undefined && (
        <p className="panel-note">
          <ErrorText error={error} />
        </p>
      )}
      <dl className="facts-list log-facts">
        <Fact name={t.log.at}>{format.exact(at)}</Fact>
        {part !== undefined && <Fact name={t.log.part}>{part}</Fact>}
        {site !== undefined && <Fact name={t.nav.site}>{site}</Fact>}
        {peer !== undefined && <Fact name={t.log.peer}>{peer}</Fact>}
        {Object.entries(details).map(([key, value]) => (
          <Fact key={key} name={key}>
            <span className="mono breakable selectable">{String(value)}</span>
          </Fact>
        ))}
      </dl>
      {stack !== undefined && <pre className="log-stack">{stack}</pre>}
      <div className="log-copy">
        <Copyable label={t.log.line} text={text} />
      </div>
    </aside>
  );
}
