import type { CallResult } from '../../../shared/contract/calls.ts';
import type { HistoryPageRow } from '../../../shared/contract/status.ts';

export type Layout = 'csv' | 'json';

const COLUMNS = [
  'time',
  'site',
  'seq',
  'change',
  'path',
  'from',
  'size',
  'by',
  'mirror',
  'state',
  'verdict',
  'notified',
  'received',
  'fetched',
  'published',
  'attempts',
  'error',
] as const;

/** CSV as in RFC 4180, with a byte order mark: spreadsheets take it for UTF-8 by that. */
const CSV_HEAD = `\uFEFF${COLUMNS.join(',')}\r\n`;

/**
 * All rows that a filter finds as parts of a file, page by page. CSV has a line for each mirror of a change; JSON is an array
 * of rows as `lockstep history --json` has them.
 */
export async function* exportRows(
  readPage: (before: string | undefined) => Promise<CallResult<'history.page'>>,
  layout: Layout,
  signal: AbortSignal,
): AsyncGenerator<{ text: string; rows: number }> {
  yield { text: layout === 'csv' ? CSV_HEAD : '[', rows: 0 };
  let isFirst = true;
  for (let before: string | undefined; ; ) {
    signal.throwIfAborted();
    const { rows, next } = await readPage(before);
    const text = layout === 'csv' ? rows.map(csvLines).join('') : rows.map(jsonText).join(',\n');
    if (rows.length > 0)
      yield { text: layout === 'json' ? `${isFirst ? '\n' : ',\n'}${text}` : text, rows: rows.length };
    isFirst &&= rows.length === 0;
    if (next === undefined) break;
    before = next;
  }
  if (layout === 'json') yield { text: '\n]\n', rows: 0 };
}

function jsonText({ id: _id, ...row }: HistoryPageRow): string {
  return JSON.stringify(row);
}

function csvLines(row: HistoryPageRow): string {
  const head = [time(row.at), row.site, row.seq, row.op, row.path, row.from, row.size, row.by];
  if (row.deliveries.length === 0) return csvLine([...head, '', '', '', '', '', '', '', '', row.error?.code]);
  return row.deliveries
    .map((each) => {
      const times = [each.notifiedAt, each.receivedAt, each.fetchedAt, each.publishedAt].map(time);
      return csvLine([...head, each.peer, each.state, each.verdict, ...times, each.attempts, each.error?.code]);
    })
    .join('');
}

function csvLine(values: readonly (string | number | undefined)[]): string {
  return `${values.map(csvValue).join(',')}\r\n`;
}

/** A name may be made so that a spreadsheet takes it for a formula; an apostrophe before it says that it is text. */
function csvValue(value: string | number | undefined): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  const text = /^[=+\-@\t\r\n＝＋－＠]/u.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function time(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}
