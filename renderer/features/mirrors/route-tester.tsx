import { type ReactElement, useState } from 'react';
import type { CallResult } from '../../../shared/contract/calls.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { TextField } from '../../ui/inputs.tsx';
import { Refused } from '../../ui/refused.tsx';
import { useTask } from '../../ui/use-task.ts';

/** Asks the engine, which decides by the routes that are in force. */
export function RouteTester({ site }: { site: string }): ReactElement {
  const { t } = useText();
  const texts = t.mirrors.screen;
  const bridge = useBridge();
  const [path, setPath] = useState('');
  const [told, setTold] = useState<CallResult<'route.test'>>();
  const { run, busy, refusal } = useTask(async () => {
    setTold(undefined);
    setTold(await bridge.call('route.test', { site, path: path.trim() }));
  });
  return (
    <form
      className="route-tester"
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      <div className="field-row">
        <TextField
          label={texts.test}
          mono
          value={path}
          required
          maxLength={4096}
          placeholder={texts.testHint}
          onChange={setPath}
        />
        <button type="submit" className="button" disabled={busy}>
          {texts.testDo}
        </button>
      </div>
      <output aria-live="polite">{told !== undefined && <Told told={told} />}</output>
      <Refused error={refusal} />
    </form>
  );
}

function Told({ told: { path, route, mirrors } }: { told: CallResult<'route.test'> }): ReactElement {
  const { t } = useText();
  const texts = t.mirrors.screen;
  const why = route !== null ? texts.testBy(route.glob) : mirrors.length > 0 ? texts.testNoRoutes : texts.testNone;
  return (
    <>
      {mirrors.length === 0 ? texts.testNobody(path) : texts.testGoes(path, mirrors.join(', '))}{' '}
      <span className="dim">({why})</span>
    </>
  );
}
