import { historyOp, type HistoryRow } from '../../../../shared/contract/status.ts';
import { outcomes, statesOf } from '../../../../shared/domain/outcome.ts';
import type { ErrorJson } from '../../../../shared/errors/app-error.ts';
import { sentenceParts } from '../../../../shared/errors/sentences.en.ts';
import { answer, command, jsonOption } from '../command.ts';
import { ask } from '../reach.ts';
import { bytes, duration, moment, plain, table } from '../text.ts';
import { parseChoice, parseMoment, parseWhole } from '../values.ts';

export const history = command({
  words: 'history',
  summary: 'changes, newest first, and how each fared at every mirror',
  options: {
    site: { type: 'string', value: 'NAME', help: 'only this site' },
    path: { type: 'string', value: 'GLOB', help: 'only paths that match, for example "img/**"' },
    since: { type: 'string', value: 'TIME', help: 'nothing older than 2h, 3d or 2026-11-23T14:00' },
    until: { type: 'string', value: 'TIME', help: 'nothing newer than this' },
    mirror: { type: 'string', value: 'NAME', help: 'only what this mirror was told of' },
    state: { type: 'string', value: outcomes.join('|'), help: 'only what is in this state at a mirror' },
    change: { type: 'string', value: historyOp.options.join('|'), help: 'only this kind of change' },
    limit: { type: 'string', value: 'N', help: 'how many at most (default 200)' },
    ...jsonOption,
  },
  async run({ values }, io) {
    const params = {
      ...(values.site !== undefined && { site: values.site }),
      ...(values.path !== undefined && { glob: values.path }),
      ...(values.since !== undefined && { since: parseMoment('--since', values.since, io.now()) }),
      ...(values.until !== undefined && { until: parseMoment('--until', values.until, io.now()) }),
      ...(values.mirror !== undefined && { peer: values.mirror }),
      ...(values.state !== undefined && { states: [...statesOf[parseChoice('--state', values.state, outcomes)]] }),
      ...(values.change !== undefined && { op: parseChoice('--change', values.change, historyOp.options) }),
      ...(values.limit !== undefined && { limit: parseWhole('--limit', values.limit, 1) }),
    };
    const rows = await ask(io, values, 'history.list', params);
    return answer(io, values, rows, () =>
      rows.length === 0
        ? Object.keys(params).length > 0
          ? 'No change is like that.'
          : 'No changes yet.'
        : table(rows.map(historyLine)),
    );
  },
});

function historyLine(row: HistoryRow): string[] {
  const path = row.from === undefined ? row.path : `${row.from} → ${row.path}`;
  const outcome = row.error
    ? sentenceParts(row.error).what
    : row.deliveries.map((each) => deliveryText(row, each)).join('   ');
  return [
    moment(row.at),
    row.site,
    row.seq === undefined ? '–' : String(row.seq),
    row.op,
    plain(path),
    row.size === undefined ? '' : bytes(row.size),
    outcome,
  ];
}

/** What became of a change at one mirror. */
export function deliveryText(row: HistoryRow, delivery: HistoryRow['deliveries'][number]): string {
  const { peer, state, verdict, publishedAt, error } = delivery;
  if (state === 'published' && verdict === 'already-here') return `${peer} had it already`;
  if (state === 'skipped' && verdict === 'already-here' && GOING.has(row.op)) return `${peer} already gone`;
  if (state === 'published' && publishedAt !== undefined) return `${peer} ${duration(publishedAt - row.at)}`;
  if (state === 'failed' && error) return `${peer} failing: ${sentenceParts(error).what}`;
  if (error?.code === 'change.given-up') return givenUpText(peer, error);
  if (state === 'skipped' && verdict) return `${peer} ${verdict.replaceAll('-', ' ')}`;
  // Nothing had to be told: see the call `history.list`.
  if (state === 'skipped') return `${peer} in step`;
  return `${peer} ${state}`;
}

const GOING: ReadonlySet<HistoryRow['op']> = new Set(['delete', 'rmdir']);

function givenUpText(peer: string, { params: { by, at } }: ErrorJson): string {
  const where = by === undefined || by === peer ? '' : ` by ${plain(String(by))}`;
  return `${peer} given up${where}${typeof at === 'number' ? `, ${moment(at)}` : ''}`;
}
