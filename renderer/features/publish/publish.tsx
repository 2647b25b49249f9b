import { type DragEvent, type ReactElement, useMemo, useState } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { useBridge } from '../../app/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { useUi } from '../../stores/ui-store.ts';
import type { Site } from '../overview/peer-state.ts';
import { selectedSite } from '../overview/selected-site.ts';
import { DropPlace } from './drop-place.tsx';
import { droppedOn } from './dropped-on.ts';
import { Progress } from './progress.tsx';
import { actionsOn, isOpenForDrops, orderFor, useStage } from './publish-store.ts';
import { Review } from './review.tsx';
import { type Source, sourceOf } from './source.ts';
import './publish.css';

/** Drop, see what would change, publish, see it arrive. */
export function Publish({ status }: { status: Status }): ReactElement {
  const { t } = useText();
  const chosen = useUi((ui) => ui.site);
  const site = selectedSite(status, chosen);
  if (site === undefined) return <div className="page">{t.headline.noSite}</div>;
  return <PublishTo key={site.name} site={site} machine={status.node.name} />;
}

function PublishTo({ site, machine }: { site: Site; machine: string }): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const stage = useStage(site.name);
  const actions = useMemo(() => actionsOn(bridge, site.name), [bridge, site.name]);
  const [isOver, setOver] = useState(false);
  const [problem, setProblem] = useState<'mixed' | 'browser'>();
  const takesDrops = isOpenForDrops(stage);

  const look = (source: Source): void => {
    setProblem(undefined);
    void actions.look(orderFor(source));
  };
  const over = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes('Files')) return;
    // Without this the window would open the file instead.
    event.preventDefault();
    event.dataTransfer.dropEffect = takesDrops ? 'copy' : 'none';
    setOver(takesDrops);
  };
  const drop = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    setOver(false);
    if (!takesDrops) return;
    const dropped = droppedOn(event.dataTransfer, (file) => bridge.pathForFile(file));
    const source = sourceOf(dropped);
    if (source === undefined) setProblem('browser');
    else if (source === 'mixed') setProblem('mixed');
    else look(source);
  };

  return (
    <div
      className={isOver ? 'page publish-screen over' : 'page publish-screen'}
      onDragOver={over}
      onDragLeave={(event) => {
        if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget))
          setOver(false);
      }}
      onDrop={drop}
    >
      <h1 className="headline">{t.publish.title}</h1>
      {problem !== undefined && (
        <p role="alert" className="panel publish-problem">
          {problem === 'mixed' ? t.publish.mixed : t.publish.browserExplain(machine)}
        </p>
      )}
      {stage.is === 'nothing' && (
        <DropPlace isOver={isOver} machine={machine} refusal={stage.refusal} onChoose={look} />
      )}
      {(stage.is === 'reading' || stage.is === 'review' || stage.is === 'publishing') && (
        <Review stage={stage} site={site} actions={actions} />
      )}
      {stage.is === 'published' && <Progress id={stage.release} site={site} actions={actions} />}
    </div>
  );
}
