import type { ReactElement } from 'react';
import type { ReleaseChange } from '../../../../shared/contract/releases.ts';
import { useText } from '../../../i18n/use-text.ts';
import { ArrowKeys } from '../../../ui/arrow-keys.tsx';
import { PathText } from '../../../ui/path-text.tsx';
import { kindOf } from './change-kinds.ts';

/** More rows than these make a page slow, and nobody reads them. */
const ROWS = 500;

export function ReleaseChanges({ changes, total }: { changes: readonly ReleaseChange[]; total: number }): ReactElement {
  const { t, format } = useText();
  const words = t.together.releases;
  return (
    <section className="panel scroll-x" aria-label={words.changeList}>
      <div className="panel-head">
        <h2>{words.changeList}</h2>
        {changes.length > ROWS && <span className="dim">{words.first(format.number(ROWS), format.number(total))}</span>}
      </div>
      <ArrowKeys selector="tbody tr">
        <table className="rows stacks release-changes">
          <thead>
            <tr>
              <th scope="col">{t.history.change}</th>
              <th scope="col">{t.history.path}</th>
              <th scope="col" className="number">
                {t.history.size}
              </th>
            </tr>
          </thead>
          <tbody>
            {changes.slice(0, ROWS).map((change) => (
              <tr key={change.path} tabIndex={0}>
                <td className={`change-${kindOf(change)}`}>{words.kinds[kindOf(change)]}</td>
                <td className="path-cell">
                  <PathText path={change.path} />
                </td>
                <td className="number">{sizes(change)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ArrowKeys>
    </section>
  );

  function sizes({ before, after }: ReleaseChange): string {
    const [was, is] = [before, after].map((state) => (state?.kind === 'file' ? format.bytes(state.size) : undefined));
    if (was === undefined || is === undefined || was === is) return is ?? was ?? '';
    return `${was} → ${is}`;
  }
}
