import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { table } from '../../../electron/entry/cli/text.ts';
import { type Chart, drawBars } from './chart.ts';

/** What a command of the bench has measured, as it is shown: a table, and charts of it. */
export interface Sheet {
  /** Of its files, and of its place in docs/speed.md. */
  readonly name: string;
  /** The line that repeats it. */
  readonly command: string;
  /** The head, then the rows; what is to be reached stands in a column of its own. */
  readonly rows: readonly (readonly string[])[];
  readonly charts: readonly Chart[];
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const DOCS = join(ROOT, 'docs');

/**
 * Prints the table, and writes it and its charts into `out/bench`; with `isForDocs` into docs/speed.md, between the marks of its
 * name, and docs/pictures.
 */
export async function present(sheet: Sheet, isForDocs: boolean): Promise<void> {
  const { name, rows, charts } = sheet;
  console.log(`\n${table(rows, rows[0]?.map((_, at) => (at === 0 ? 'left' : 'right')) ?? []).join('\n')}`);
  const folder = isForDocs ? join(DOCS, 'pictures') : join(ROOT, 'out', 'bench');
  await mkdir(folder, { recursive: true });
  const files = charts.map((chart, at) => ({ chart, file: `speed-${name}${at === 0 ? '' : `-${at + 1}`}.svg` }));
  for (const { chart, file } of files) await writeFile(join(folder, file), drawBars(chart));
  const pictures = files.map(({ chart, file }) => `![${chart.title}](${isForDocs ? 'pictures/' : ''}${file})`);
  const text = [`\`${[sheet.command, ...given()].join(' ')}\` · ${machine()}`, markdown(rows), ...pictures].join(
    '\n\n',
  );
  if (isForDocs) await putInPage(name, text);
  else await writeFile(join(folder, `${name}.md`), `${text}\n`);
  console.log(`\nWritten: ${isForDocs ? 'docs/speed.md' : join('out', 'bench', `${name}.md`)}, ${files.length} charts`);
}

/** What stands between the marks is replaced. */
async function putInPage(name: string, text: string): Promise<void> {
  const file = join(DOCS, 'speed.md');
  const [open, close] = [`<!-- bench ${name} -->`, `<!-- end ${name} -->`];
  const page = await readFile(file, 'utf8');
  const [from, to] = [page.indexOf(open), page.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`docs/speed.md has no place for ${name}.`);
  await writeFile(file, `${page.slice(0, from + open.length)}\n\n${text}\n\n${page.slice(to)}`);
}

function markdown([head = [], ...rows]: Sheet['rows']): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = `|${head.map((_, at) => (at === 0 ? '---' : '---:')).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** The options that it was called with. */
function given(): string[] {
  const options = process.argv.slice(2).filter((option) => option !== '--docs');
  return options.length === 0 ? [] : ['--', ...options];
}

/** What it was measured on, and when. */
function machine(): string {
  const [cpu] = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  const day = new Date().toISOString().slice(0, 10);
  return `${day}, ${cpus().length} × ${cpu?.model.trim() || process.arch}, ${gib} GiB, ${process.platform}, Node ${process.versions.node}`;
}
