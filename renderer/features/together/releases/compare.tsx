import { type ReactElement, useState } from 'react';
import type { Comparison, Release } from '../../../../shared/contract/releases.ts';
import { useText } from '../../../i18n/use-text.ts';
import { ArrowKeys } from '../../../ui/arrow-keys.tsx';
import { Asked } from '../../../ui/asked.tsx';
import { PathText } from '../../../ui/path-text.tsx';
import { useCall } from '../../../ui/use-call.ts';

/** More rows than these make a page slow, and nobody reads them. */
const ROWS = 500;
/** While others publish, what was compared stays what it was. */
const PAUSE_MILLIS = 10_000;

/** How the site of after this release differs from that of after another. */
export function Compare({ site, release }: { site: string; release: number }): ReactElement {
  const { t, format } = useText();
  const words = t.together.releases;
  const { answer } = useCall('release.list', { site });
  const [other, setOther] = useState('');
  const others = (answer.value ?? []).filter(({ id }) => id !== release);
  return (
    <section className="panel scroll-x" aria-label={words.compare}>
      <div className="panel-head">
        <h2>{words.compare}</h2>
        <select aria-label={words.compareWith} value={other} onChange={(event) => setOther(event.target.value)}>
          <option value="">{words.compareWith}</option>
          {others.map((each) => (
            <option key={each.id} value={each.id}>
              {optionText(each)}
            </option>
          ))}
        </select>
      </div>
      {other !== '' && <Difference key={other} site={site} release={release} other={Number(other)} />}
    </section>
  );

  function optionText({ name, at }: Release): string {
    return `${name} · ${format.clock(at, Date.now())}`;
  }
}

function Difference({ site, release, other }: { site: string; release: number; other: number }): ReactElement {
  const { t, format } = useText();
  const words = t.together.releases;
  // From what was earlier to what came later, whichever of them the page is of.
  const [from, to] = [Math.min(release, other), Math.max(release, other)];
  const { answer } = useCall('release.compare', { site, from, to }, PAUSE_MILLIS);
  return (
    <Asked answer={answer}>
      {({ from: was, to: is, changeList }) => (
        <>
          <p className="panel-note dim">
            {changeList.length === 0
              ? words.same(was.name, is.name)
              : words.differ(was.name, is.name, format.number(changeList.length), changeList.length)}
            {changeList.length > ROWS && ` ${words.first(format.number(ROWS), format.number(changeList.length))}`}
          </p>
          {changeList.length > 0 && <Differences changes={changeList.slice(0, ROWS)} />}
        </>
      )}
    </Asked>
  );
}

type Change = Comparison['changeList'][number];

function Differences({ changes }: { changes: readonly Change[] }): ReactElement {
  const { t, format } = useText();
  const words = t.together.releases;
  const sizeOf = (state: Change['from']): string => (state?.kind === 'file' ? format.bytes(state.size) : '–');
  return (
    <ArrowKeys selector="tbody tr">
      <table className="rows stacks release-compared">
        <thead>
          <tr>
            <th scope="col">{t.history.change}</th>
            <th scope="col">{t.history.path}</th>
            <th scope="col" className="number">
              {words.sizeBefore}
            </th>
            <th scope="col" className="number">
              {words.sizeAfter}
            </th>
          </tr>
        </thead>
        <tbody>
          {changes.map((change) => (
            <tr key={change.path} tabIndex={0}>
              <td className={`change-${kindOfDifference(change)}`}>{words.kinds[kindOfDifference(change)]}</td>
              <td className="path-cell">
                <PathText path={change.path} />
              </td>
              <td className="number">{sizeOf(change.from)}</td>
              <td className="number">{sizeOf(change.to)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ArrowKeys>
  );
}

function kindOfDifference({ from, to }: Change): 'new' | 'changed' | 'deleted' {
  if (from?.kind === 'gone') return 'new';
  return to?.kind === 'gone' ? 'deleted' : 'changed';
}
