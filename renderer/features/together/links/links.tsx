import { type ReactElement, useDeferredValue, useState } from 'react';
import type { Status } from '../../../../shared/contract/status.ts';
import { globProblem } from '../../../../shared/domain/glob.ts';
import { useOpenedByAddress } from '../../../ui/use-opened-by-address.ts';
import { useText } from '../../../i18n/use-text.ts';
import { Asked } from '../../../ui/asked.tsx';
import { Segments } from '../../../ui/segments.tsx';
import { useCall } from '../../../ui/use-call.ts';
import { globFor } from './glob-for.ts';
import { LinkGraph } from './link-graph.tsx';
import { LinkTable } from './link-table.tsx';
import { SetLinkForm } from './set-link-form.tsx';

const kinds = ['all', 'found', 'set', 'missing'] as const;
const views = ['table', 'graph'] as const;
/** More than a person looks through: the filter finds the others. */
const SHOWN = 500;
/** Milliseconds: the engine looks through all links of the site for a list. */
const LIST_PAUSE = 5000;

/** What links to what in a site: found in its pages, and set by hand. */
export function Links({ status, site }: { status: Status; site: string }): ReactElement {
  const { t, format, patternProblem } = useText();
  const words = t.together.links;
  const [kind, setKind] = useState<(typeof kinds)[number]>('all');
  const [view, setView] = useState<(typeof views)[number]>('table');
  const [filter, setFilter] = useState('');
  const [adding, setAdding] = useState(false);
  useOpenedByAddress(['together', 'links'], () => setAdding(true));
  const wanted = globFor(useDeferredValue(filter));
  const problem = wanted === undefined ? undefined : globProblem(wanted);
  const { answer, again } = useCall(
    'link.list',
    { site, kind, limit: SHOWN + 1, ...(wanted !== undefined && problem === undefined && { glob: wanted }) },
    LIST_PAUSE,
  );
  const mayEdit = status.node.role === 'master';
  return (
    <>
      <div className="bar-row">
        <input
          type="search"
          className="search"
          aria-label={words.filter}
          placeholder={words.filter}
          value={filter}
          spellCheck={false}
          aria-invalid={problem !== undefined}
          title={patternProblem(problem)}
          onChange={(event) => setFilter(event.target.value)}
        />
        <Segments label={words.kind} names={words.kinds} options={kinds} value={kind} onChange={setKind} />
        <Segments label={words.view} names={words.views} options={views} value={view} onChange={setView} />
        {mayEdit && (
          <button type="button" className="button primary" onClick={() => setAdding(true)}>
            {words.add}
          </button>
        )}
      </div>
      <Asked answer={answer}>
        {(all) => {
          const links = all.slice(0, SHOWN);
          if (links.length === 0) return <Empty kind={kind} filtered={filter !== ''} />;
          return (
            <>
              {all.length > SHOWN && <p className="dim">{words.more(format.number(SHOWN))}</p>}
              {view === 'table' ? (
                <LinkTable links={links} mayEdit={mayEdit} onDone={again} />
              ) : (
                <LinkGraph links={links} onChoose={setFilter} />
              )}
            </>
          );
        }}
      </Asked>
      {adding && (
        <SetLinkForm
          site={site}
          onDone={() => {
            setAdding(false);
            again();
          }}
          onClose={() => setAdding(false)}
        />
      )}
    </>
  );
}

function Empty({ kind, filtered }: { kind: (typeof kinds)[number]; filtered: boolean }): ReactElement {
  const { t } = useText();
  const words = t.together.links;
  return (
    <section className="panel teach">
      <h2>{filtered ? words.noneLikeThis : words.none[kind]}</h2>
      {!filtered && <p className="dim">{words.teach}</p>}
    </section>
  );
}
