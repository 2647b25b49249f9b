import { type DragEvent, type ReactElement, useMemo, useState } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import type { Site } from '../../stores/peer-state.ts';
import { useSelectedSite } from '../../stores/use-selected-site.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { Bringing } from './bringing.tsx';
import { DropPlace } from './drop-place.tsx';
import { gatherChosen } from './gather.ts';
import { JobPanel } from './job-panel.tsx';
import { NoTarget } from './no-target.tsx';
import { OtherJobs } from './other-jobs.tsx';
import { Progress } from './progress.tsx';
import { actionsOn, isOpenForDrops, NO_SITE, orderFor, type Stage, useStage, useTarget } from './publish-store.ts';
import { isReviewed, Review } from './review.tsx';
import type { Source } from './source.ts';
import { takeDrop } from './take-drop.ts';
import { TargetChoice } from './target-choice.tsx';
import { useTargets } from './use-targets.ts';
import './publish.css';

/** Drop, see what would change, publish, see it arrive. Where there is no site of one's own drops go to targets. */
export function Publish({ status }: { status: Status }): ReactElement {
  const selected = useSelectedSite(status);
  const site = status.node.role === 'master' ? selected : undefined;
  return <PublishTo key={site?.name ?? NO_SITE} site={site} machine={status.node.name} />;
}

/** The stages in which it can be chosen where a drop goes. */
const TARGET_CHOSEN: ReadonlySet<Stage['is']> = new Set(['nothing', 'reading', 'refused', 'review']);

function PublishTo({ site, machine }: { site: Site | undefined; machine: string }): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const name = site?.name ?? NO_SITE;
  const stage = useStage(name);
  const chosen = useTarget(name);
  const targets = useTargets();
  const target = chosen ?? (site ? undefined : targets.list[0]?.name);
  const actions = useMemo(() => actionsOn(bridge, name), [bridge, name]);
  const [isOver, setOver] = useState(false);
  const [isPathless, setPathless] = useState(false);
  const leadsSomewhere = site !== undefined || target !== undefined;
  const takesDrops = leadsSomewhere && isOpenForDrops(stage);

  const look = (source: Source): void => {
    setPathless(false);
    void actions.look(orderFor(source, target));
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
    setPathless(!takeDrop(bridge, actions, target, event.dataTransfer));
  };

  return (
    <div
      className={isOver ? 'page publish-screen over' : 'page publish-screen'}
      onDragEnter={over}
      onDragOver={over}
      onDragLeave={(event) => {
        if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget))
          setOver(false);
      }}
      onDrop={drop}
    >
      <div className="publish-head">
        <h1 className="headline">{t.publish.title}</h1>
        {leadsSomewhere && TARGET_CHOSEN.has(stage.is) && (
          <TargetChoice
            site={site?.name}
            machine={machine}
            target={target}
            targets={targets}
            disabled={!isOpenForDrops(stage)}
            onChange={(name) => actions.sendTo(name)}
          />
        )}
      </div>
      {isPathless && (
        <p role="alert" className="panel publish-problem">
          {t.publish.pathless}
        </p>
      )}
      <OtherJobs site={name} shown={stage.is === 'job' ? stage.id : undefined} onShow={(id) => actions.watch(id)} />
      {stage.is === 'nothing' &&
        (leadsSomewhere ? (
          <DropPlace
            isOver={isOver}
            machine={machine}
            hasSite={site !== undefined}
            refusal={stage.refusal}
            tried={stage.tried}
            onChoose={look}
            onChooseFiles={(files) => void actions.bring(gatherChosen(files), target)}
          />
        ) : targets.isRead ? (
          <NoTarget
            onAdded={(added) => {
              targets.again();
              actions.sendTo(added);
            }}
          />
        ) : (
          targets.refusal && <ErrorText error={targets.refusal} />
        ))}
      {stage.is === 'bringing' && (
        <Bringing brought={stage.brought} machine={machine} onCancel={() => actions.reset()} />
      )}
      {isReviewed(stage) && (
        <Review
          stage={stage}
          site={site}
          target={targets.list.find(({ name }) => name === stage.order.target)}
          actions={actions}
        />
      )}
      {stage.is === 'job' && <JobPanel id={stage.id} site={site} actions={actions} />}
      {stage.is === 'published' && site && <Progress id={stage.release} site={site} actions={actions} />}
    </div>
  );
}
