import { type ReactElement, useState } from 'react';
import type { Status } from '../../../../shared/contract/status.ts';
import { needsPerson } from '../../../../shared/domain/needs-person.ts';
import { addressOf } from '../../../stores/location.ts';
import { useBridge } from '../../../bridge/bridge-context.ts';
import { useText } from '../../../i18n/use-text.ts';
import { ErrorText } from '../../../ui/error-text.tsx';
import { Refused } from '../../../ui/refused.tsx';
import { StateMark } from '../../../ui/state-mark.tsx';
import { useTask } from '../../../ui/use-task.ts';
import { WaitingTimes } from '../waiting/waiting-times.tsx';
import type { Group } from './group.ts';
import { type Round, roundsOf } from './progress.ts';
import { useRuleText } from './rule-text.ts';

interface Props {
  group: Group;
  status: Status;
  /** Absent where the group can only be looked at. */
  onEdit: (() => void) | undefined;
  onRemove: (() => void) | undefined;
  onDone: () => void;
}

/** One group: its rule in words, its members, and where it waits. */
export function GroupCard({ group, status, onEdit, onRemove, onDone }: Props): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const words = t.together.groups;
  const ruleText = useRuleText();
  const rounds = roundsOf(group, status.waiting);
  const [committed, setCommitted] = useState(false);
  const commit = useTask(async () => {
    await bridge.call('group.commit', { site: group.site, name: group.name });
    setCommitted(true);
    onDone();
  });
  return (
    <li className="panel card" aria-label={group.name}>
      <div className="panel-head">
        <h2>{group.name}</h2>
        <div className="card-actions">
          {group.rule === 'release' && onEdit !== undefined && (
            <button type="button" className="button" disabled={commit.busy} onClick={() => commit.run()}>
              {words.commit}
            </button>
          )}
          {onEdit !== undefined && (
            <button type="button" className="button quiet" onClick={onEdit}>
              {words.edit}
            </button>
          )}
          {onRemove !== undefined && (
            <button type="button" className="button quiet" onClick={onRemove}>
              {words.remove}
            </button>
          )}
        </div>
      </div>
      <div className="card-body">
        <p>{ruleText(group)}</p>
        <ul className="chips" aria-label={words.members}>
          {group.members.map((member) => (
            <li key={member}>
              <code className="chip">{member}</code>
            </li>
          ))}
        </ul>
        {committed && <output className="dim">{words.committed}</output>}
        <Refused error={commit.refusal} />
      </div>
      {rounds.length === 0 ? (
        <p className="card-foot dim">{words.idle}</p>
      ) : (
        <ul className="rounds">
          {rounds.map((round) => (
            <RoundLine key={round.item.id} round={round} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** "tokyo: 2 of 5 are here, waiting for …" */
function RoundLine({ round: { peer, item, here } }: { round: Round }): ReactElement {
  const { t, format } = useText();
  const words = t.together.groups;
  const [names, more] = [item.waitsFor?.slice(0, 3) ?? [], (item.waitsFor?.length ?? 0) - 3];
  const files = item.files ?? 1;
  return (
    <li className="round">
      <StateMark state={needsPerson(item) ? 'held' : 'waiting'} />
      <strong>{peer ?? t.together.waiting.here}</strong>
      <div className="round-text">
        <p>
          {here === undefined ? words.filesHere(format.number(files), files) : words.areHere(here.count, here.of)}
          {names.length > 0 && (
            <>
              {words.waitingFor}
              {names.map((name) => (
                <code key={name} className="chip">
                  {name}
                </code>
              ))}
              {more > 0 && <span className="dim">{t.together.waiting.moreFiles(format.number(more), more)}</span>}
            </>
          )}
          {names.length === 0 && (
            <>
              {words.because}
              <ErrorText error={item.error} />
            </>
          )}
        </p>
        <WaitingTimes item={item} />
        {needsPerson(item) && <a href={addressOf('together', 'waiting')}>{words.decide}</a>}
      </div>
    </li>
  );
}
