/** A block of a page: what a reader types, or what is only shown. */
export type DocBlock =
  | {
      readonly kind: 'run';
      /** On which of the page's machines: each has a home and folders of its own. */
      readonly machine: string;
      /** Programs without which it is left out. */
      readonly needs: readonly string[];
      readonly script: string;
      /** What it prints, where the page shows it; `…` stands for the rest of a line, alone for any lines. */
      readonly expected?: string;
      readonly line: number;
    }
  | { readonly kind: 'left-out'; readonly reason: string; readonly line: number }
  | { readonly kind: 'shown'; readonly language: string; readonly line: number };

export interface DocPage {
  /** Programs without which the whole page is left out. */
  readonly needs: readonly string[];
  readonly blocks: readonly DocBlock[];
}

const SHOWN = new Set(['json', 'text', 'ini', 'lua', 'yaml']);
const FIRST_MACHINE = 'master';

/**
 * The blocks of a page in Markdown, in order. Told by what stands behind the fence:
 *
 *     sh                      is run, on the machine “master”
 *     sh at:mirror            is run on the machine “mirror”
 *     sh needs:lftp           is run where lftp is installed
 *     sh no-run: REASON       is for the reader only, and why
 *     text output             what the block before prints
 *     json, text, ini, lua, yaml    no commands
 *
 * A comment `<!-- sh …` up to `-->` is run too, and not shown to the reader: what a page takes for granted.
 * A comment `<!-- needs: lsyncd rsync -->` is about the whole page. Throws where a block is none of these.
 */
export function readDocPage(text: string): DocPage {
  const blocks: DocBlock[] = [];
  let needs: readonly string[] = [];
  const parts = /^(?:```([^\n]*)\n(.*?)^```$|<!-- sh([^\n]*)\n(.*?)^-->$|<!-- needs: ([^\n]*) -->$)/gmsu;
  for (const match of text.matchAll(parts)) {
    const [, info, shown = '', hiddenInfo, hidden = '', wanted] = match;
    const line = text.slice(0, match.index).split('\n').length;
    if (wanted !== undefined) needs = wanted.split(' ');
    else if (hiddenInfo !== undefined) blocks.push(readBlock(`sh${hiddenInfo}`, hidden, line));
    else if (info === 'text output') expectOf(blocks, shown, line);
    else blocks.push(readBlock(info ?? '', shown, line));
  }
  return { needs, blocks };
}

function readBlock(info: string, script: string, line: number): DocBlock {
  const [language = '', ...words] = info.split(' ');
  if (SHOWN.has(language) && words.length === 0) return { kind: 'shown', language, line };
  if (language !== 'sh') throw new Error(`line ${line}: “${info}” says neither that it is run nor why not`);
  const reason = /^sh no-run: (\S.*)$/u.exec(info)?.[1];
  if (reason !== undefined) return { kind: 'left-out', reason, line };
  let machine = FIRST_MACHINE;
  let needs: string[] = [];
  for (const word of words) {
    const [, key, value = ''] = /^(at|needs):(\S+)$/u.exec(word) ?? [];
    if (key === 'at') machine = value;
    else if (key === 'needs') needs = value.split(',');
    else throw new Error(`line ${line}: “${word}” is not known behind sh`);
  }
  return { kind: 'run', machine, needs, script, line };
}

function expectOf(blocks: DocBlock[], expected: string, line: number): void {
  const before = blocks.pop();
  if (before?.kind !== 'run') throw new Error(`line ${line}: what prints this`);
  blocks.push({ ...before, expected });
}

/** Whether it is what the page shows. */
export function isShownOutput(expected: string, output: string): boolean {
  const lines = expected
    .trimEnd()
    .split('\n')
    .map((line) => (line.trim() === '…' ? '(?:.*\\n)*?' : `${line.trimEnd().split('…').map(escaped).join('.*')} *\\n`));
  return new RegExp(`^${lines.join('')}$`, 'u').test(`${output.trimEnd()}\n`);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
}
