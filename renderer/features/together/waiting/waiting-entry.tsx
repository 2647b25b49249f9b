import { type ReactElement, useEffect, useRef, useState } from 'react';
import type { Status, WaitingItem } from '../../../../shared/contract/status.ts';
import { needsPerson } from '../../../../shared/domain/needs-person.ts';
import { givingUp, heldDeletes, isFolderLost, publishing } from '../../../../shared/domain/waiting-decisions.ts';
import { useBridge } from '../../../bridge/bridge-context.ts';
import { useLocation } from '../../../stores/location.ts';
import { useText } from '../../../i18n/use-text.ts';
import { Confirm } from '../../../ui/confirm.tsx';
import { ErrorText } from '../../../ui/error-text.tsx';
import { PathText } from '../../../ui/path-text.tsx';
import { StateMark } from '../../../ui/state-mark.tsx';
import { useTask } from '../../../ui/use-task.ts';
import { MovedFolder } from '../../../ui/moved-folder.tsx';
import { WaitingTimes } from './waiting-times.tsx';

interface Props {
  item: WaitingItem;
  role: Status['node']['role'];
  showSite: boolean;
}

/** One thing that waits: what, where, why, for what, since when and until when; and what can be done. */
export function WaitingEntry({ item, role, showSite }: Props): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const [asking, setAsking] = useState<'publish' | 'discard' | 'moved'>();
  const { run, busy, refusal } = useTask(async (how: 'publish' | 'discard') => {
    const count = heldDeletes(item);
    await bridge.call('waiting.resolve', { id: item.id, how, ...(count !== undefined && { count }) });
    setAsking(undefined);
  });
  // A notification leads to the one that it told of.
  const [, , third] = useLocation();
  const isMeant = third === item.id;
  const entry = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (!isMeant) return;
    entry.current?.scrollIntoView({ block: 'center' });
    entry.current?.focus();
  }, [isMeant]);
  const words = t.together.waiting;
  const publish = publishing(item, role);
  const isLost = isFolderLost(item);
  const root = String(item.error.params['root'] ?? '');
  const giveUp = givingUp(item, role);
  const where = item.peer ?? (role === 'mirror' ? words.here : undefined);
  const asked =
    asking === 'discard'
      ? {
          title: giveUp === 'drift' ? words.askLeave : words.askGiveUp,
          action: giveUp === 'drift' ? words.leaveNow : words.giveUpNow,
          text: words.givesUp[giveUp ?? 'changes'](where ?? item.site, item.files ?? 1),
        }
      : publish === 'refill'
        ? { title: words.askRefill, action: words.refillNow, text: words.refill(root) }
        : { title: words.askDeletes, action: words.publish.deletes, text: words.deletes(heldDeletes(item), where) };
  return (
    <li ref={entry} className={isMeant ? 'need meant' : 'need'} tabIndex={isMeant ? -1 : undefined}>
      <StateMark state={item.kind === 'failing' ? 'failing' : needsPerson(item) ? 'held' : 'waiting'} />
      <div className="need-text">
        <p className="need-title">
          <Subject item={item} />
          {where !== undefined && <span className="tag">{where}</span>}
          {showSite && <span className="tag">{item.site}</span>}
        </p>
        <ErrorText error={item.error} />
        <WaitsFor item={item} />
        <WaitingTimes item={item} />
        {refusal !== undefined && asking === undefined && (
          <p role="alert">
            <ErrorText error={refusal} />
          </p>
        )}
      </div>
      <div className="need-actions">
        {isLost && (
          <button type="button" className="button" disabled={busy} onClick={() => setAsking('moved')}>
            {words.moved}
          </button>
        )}
        {publish !== undefined && (
          <button
            type="button"
            className={isLost ? 'button quiet' : 'button'}
            disabled={busy}
            onClick={() => (publish === 'deletes' || publish === 'refill' ? setAsking('publish') : run('publish'))}
          >
            {words.publish[publish]}
          </button>
        )}
        {giveUp !== undefined && (
          <button type="button" className="button quiet" disabled={busy} onClick={() => setAsking('discard')}>
            {giveUp === 'drift' ? words.leave : words.giveUp}
          </button>
        )}
      </div>
      {asking === 'moved' && (
        <MovedFolder site={item.site} root={root} role={role} onClose={() => setAsking(undefined)} />
      )}
      {(asking === 'publish' || asking === 'discard') && (
        <Confirm
          title={asked.title}
          action={asked.action}
          busy={busy}
          refusal={refusal}
          onConfirm={() => run(asking)}
          onClose={() => setAsking(undefined)}
        >
          <p className="need-title">
            <Subject item={item} />
          </p>
          <p>{asked.text}</p>
        </Confirm>
      )}
    </li>
  );
}

/** What it is that waits: a group or a release by its name, else the first file. */
function Subject({ item }: { item: WaitingItem }): ReactElement {
  const { t, format } = useText();
  const { kind, path, files = 1, error } = item;
  const group = error.params['group'];
  const release = error.params['name'] ?? error.params['release'];
  const named =
    kind === 'group' && group !== undefined
      ? t.together.waiting.group(String(group))
      : kind === 'release' && release !== undefined
        ? t.together.waiting.release(String(release))
        : undefined;
  const more = named === undefined ? files - 1 : files;
  return (
    <>
      {named !== undefined && <strong>{named}</strong>}
      {named === undefined && path !== undefined && <PathText path={path} />}
      {named === undefined && path === undefined && <strong>{t.together.waiting.site(item.site)}</strong>}
      {path !== undefined && more > 0 && (
        <span className="dim">
          {(named === undefined ? t.together.waiting.moreFiles : t.together.waiting.files)(format.number(more), more)}
        </span>
      )}
    </>
  );
}

/** What has to come, unless the sentence has named all of it. */
function WaitsFor({ item: { error, waitsFor: names = [] } }: { item: WaitingItem }): ReactElement | null {
  const { t, sentence } = useText();
  const said = sentence(error);
  if (names.every((name) => said.includes(name))) return null;
  return (
    <p className="waits-for">
      <span className="dim">{t.together.waiting.waitsFor}</span>
      {names.map((name) => (
        <code key={name} className="chip">
          <PathText path={name} />
        </code>
      ))}
    </p>
  );
}
