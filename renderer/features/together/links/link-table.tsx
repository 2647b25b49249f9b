import type { ReactElement } from 'react';
import { useBridge } from '../../../bridge/bridge-context.ts';
import { useText } from '../../../i18n/use-text.ts';
import { say } from '../../../stores/toast-store.ts';
import { ArrowKeys } from '../../../ui/arrow-keys.tsx';
import { Refused } from '../../../ui/refused.tsx';
import { PathText } from '../../../ui/path-text.tsx';
import { StateMark } from '../../../ui/state-mark.tsx';
import { useTask } from '../../../ui/use-task.ts';
import type { Link } from './link.ts';

interface Props {
  links: readonly Link[];
  mayEdit: boolean;
  onDone: () => void;
}

export function LinkTable({ links, mayEdit, onDone }: Props): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const words = t.together.links;
  const { run, busy, refusal } = useTask(async ({ site, page, target }: Link) => {
    await bridge.call('link.remove', { site, glob: page, target });
    onDone();
    say(words.removed(page, target), async () => {
      await bridge.call('link.add', { site, glob: page, target });
      onDone();
    });
  });
  return (
    <section className="panel scroll-x" aria-label={t.together.tabs.links}>
      <Refused error={refusal} className="empty" />
      <ArrowKeys selector="tbody tr">
        <table className="rows stacks links">
          <thead>
            <tr>
              <th scope="col">{words.page}</th>
              <th scope="col">{words.target}</th>
              <th scope="col">{words.how}</th>
              <th scope="col">
                <span className="visually-hidden">{words.remove}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {links.map((link) => (
              <tr key={`${link.kind} ${link.page}\n${link.target}`} tabIndex={0}>
                <td className="path-cell">
                  <PathText path={link.page} />
                </td>
                <td className="path-cell">
                  <PathText path={link.target} />
                </td>
                <td className="how">
                  {link.missing ? (
                    <span className="state-failing">
                      <StateMark state="failing" /> {words.missing}
                    </span>
                  ) : (
                    <span className="dim">{words.kindWords[link.kind]}</span>
                  )}
                </td>
                <td className="row-action">
                  {mayEdit && link.kind === 'set' && (
                    <button
                      type="button"
                      className="button quiet small"
                      disabled={busy}
                      aria-label={words.removeNamed(link.page, link.target)}
                      onClick={() => run(link)}
                    >
                      {words.remove}
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ArrowKeys>
    </section>
  );
}
