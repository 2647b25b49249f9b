import type { ReactElement } from 'react';
import type { MirrorPlan } from '../../../shared/contract/publishing.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { PathText } from '../../ui/path-text.tsx';

/** What a mirror may not be able to hold: sure where it has said so, else a possibility. Nothing where there is no doubt. */
export function Doubts({ mirrors }: { mirrors: readonly MirrorPlan[] }): ReactElement {
  const doubtful = mirrors.filter(({ count }) => count > 0);
  return (
    <>
      {doubtful.map((mirror) => (
        <MirrorDoubts key={mirror.mirror} plan={mirror} />
      ))}
    </>
  );
}

function MirrorDoubts({ plan }: { plan: MirrorPlan }): ReactElement {
  const { t, format, sentence } = useText();
  const texts = t.publish.doubts;
  const { mirror, known, count, doubts } = plan;
  const n = format.number(count);
  return (
    <details className="publish-doubts">
      <summary>{known ? texts.cannot(mirror, n, count) : texts.unknown(mirror, n, count)}</summary>
      <ul>
        {doubts.map(({ path, error }) => (
          <li key={`${error.code} ${path}`}>
            {path === '' ? <ErrorText error={error} /> : <PathText path={path} />}
            {path !== '' && <span className="dim">{sentence(error)}</span>}
          </li>
        ))}
        {count > doubts.length && <li className="dim">{texts.more(format.number(count - doubts.length))}</li>}
      </ul>
    </details>
  );
}
