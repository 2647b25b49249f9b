import type { ReactElement } from 'react';
import { useBridge } from '../../../bridge/bridge-context.ts';
import { useText } from '../../../i18n/use-text.ts';
import { go } from '../../../stores/location.ts';
import { useTask } from '../../../ui/use-task.ts';
import { Step } from '../step.tsx';

/** Neither site nor mirror: what it means. Then the screen that publishes asks for the first FTP server. */
export function PublisherStep({ name, onBack }: { name: string; onBack: () => void }): ReactElement {
  const { t } = useText();
  const { firstStart: texts } = t;
  const bridge = useBridge();
  const start = useTask(async () => {
    await bridge.call('host.init', { role: 'publisher', name });
    go('publish');
  });
  return (
    <Step
      place={{ at: 2, of: 2 }}
      title={texts.publisher.title}
      explain={texts.publisher.explain}
      next={texts.start}
      ready
      busy={start.busy}
      refusal={start.refusal}
      onNext={() => start.run()}
      onBack={onBack}
    >
      <p>{texts.publisher.later}</p>
    </Step>
  );
}
