import { type ReactElement, useState } from 'react';
import type { Status } from '../../../../shared/contract/status.ts';
import { useOpenedByAddress } from '../../../ui/use-opened-by-address.ts';
import { useBridge } from '../../../bridge/bridge-context.ts';
import { useText } from '../../../i18n/use-text.ts';
import { say } from '../../../stores/toast-store.ts';
import { Asked } from '../../../ui/asked.tsx';
import { Confirm } from '../../../ui/confirm.tsx';
import { useCall } from '../../../ui/use-call.ts';
import { useTask } from '../../../ui/use-task.ts';
import { GroupCard } from './group-card.tsx';
import { GroupForm } from './group-form.tsx';
import type { Group } from './group.ts';

type Open = { readonly what: 'new' } | { readonly what: 'edit' | 'remove'; readonly group: Group };

/** The groups of a site, what each waits for now; at the master to be made and changed. */
export function Groups({ status, site }: { status: Status; site: string }): ReactElement {
  const { t } = useText();
  const words = t.together.groups;
  const { answer, again } = useCall('group.list', { site });
  const [open, setOpen] = useState<Open>();
  useOpenedByAddress(['together', 'groups'], () => setOpen({ what: 'new' }));
  const mayEdit = status.node.role === 'master';
  const done = (): void => {
    setOpen(undefined);
    again();
  };
  return (
    <>
      <div className="bar-row">
        <p className="dim">{mayEdit ? words.explain : words.explainMirror}</p>
        {mayEdit && (
          <button type="button" className="button primary" onClick={() => setOpen({ what: 'new' })}>
            {words.add}
          </button>
        )}
      </div>
      <Asked answer={answer}>
        {(groups) =>
          groups.length === 0 ? (
            <Examples mayEdit={mayEdit} />
          ) : (
            <ul className="cards">
              {groups.map((group) => (
                <GroupCard
                  key={group.name}
                  group={group}
                  status={status}
                  onEdit={mayEdit ? () => setOpen({ what: 'edit', group }) : undefined}
                  onRemove={mayEdit ? () => setOpen({ what: 'remove', group }) : undefined}
                  onDone={again}
                />
              ))}
            </ul>
          )
        }
      </Asked>
      {open?.what === 'new' && <GroupForm site={site} onDone={done} onClose={() => setOpen(undefined)} />}
      {open?.what === 'edit' && (
        <GroupForm site={site} group={open.group} onDone={done} onClose={() => setOpen(undefined)} />
      )}
      {open?.what === 'remove' && (
        <Remove group={open.group} onDone={done} onBack={again} onClose={() => setOpen(undefined)} />
      )}
    </>
  );
}

interface RemoveProps {
  group: Group;
  onDone: () => void;
  /** It was taken back. */
  onBack: () => void;
  onClose: () => void;
}

function Remove({ group, onDone, onBack, onClose }: RemoveProps): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const { run, busy, refusal } = useTask(async () => {
    const { site, committed: _, ...rules } = group;
    await bridge.call('group.remove', { site, name: group.name });
    onDone();
    say(t.together.groups.removed(group.name), async () => {
      await bridge.call('group.add', { site, group: rules });
      onBack();
    });
  });
  return (
    <Confirm
      title={t.together.groups.askRemove(group.name)}
      action={t.together.groups.removeNow}
      busy={busy}
      refusal={refusal}
      onConfirm={() => run()}
      onClose={onClose}
    >
      <p>{t.together.groups.removes}</p>
    </Confirm>
  );
}

function Examples({ mayEdit }: { mayEdit: boolean }): ReactElement {
  const { t } = useText();
  const words = t.together.groups;
  return (
    <section className="panel teach">
      <h2>{words.none}</h2>
      {mayEdit && (
        <dl className="examples">
          {Object.values(words.examples).map(({ members, text }) => (
            <div key={members}>
              <dt>
                <code>{members}</code>
              </dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
