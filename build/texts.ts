import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { en } from '../renderer/i18n/en.ts';
import { jsxTexts } from './texts/jsx-texts.ts';
import { languageTroubles } from './texts/languages.ts';
import { leavesOf, TextUses } from './texts/text-uses.ts';

/** Where texts are made from: the interface, and what of the desktop shows some of its own. */
const folders = ['renderer', 'electron/main', 'electron/preload'];

/**
 * What is wrong with the texts of the interface: those that nobody shows, Japanese ones that are English, and such as stand in a
 * component instead of a catalogue. Keys that are missing the compiler finds.
 */
export function textTroubles(root: string): string[] {
  const uses = new TextUses(en);
  const elsewhere: string[] = [];
  for (const folder of folders) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      const file = `${folder}/${name.replaceAll('\\', '/')}`;
      if (!/\.tsx?$/.test(file) || file.endsWith('.d.ts') || /^renderer\/i18n\/(?:.*\.)?(?:en|ja)\.ts$/.test(file))
        continue;
      const text = readFileSync(join(root, file), 'utf8');
      const { program } = parseSync(file, text);
      uses.read(program);
      if (folder === 'renderer')
        elsewhere.push(...[...jsxTexts(program, text), ...ownFormats(file, text)].map((what) => `${file}:${what}`));
    }
  }
  const unused = leavesOf(en)
    .map(({ path }) => path)
    .filter((path) => !uses.isUsed(path));
  return [
    ...unused.map((path) => `renderer/i18n: nobody shows ${path.join('.')}`),
    ...elsewhere,
    ...languageTroubles(),
  ];
}

/** Numbers, sizes and times are written by renderer/i18n/format.ts alone: as people of the chosen language write them. */
function ownFormats(file: string, source: string): string[] {
  if (file.startsWith('renderer/i18n/')) return [];
  return source
    .split('\n')
    .flatMap((line, at) =>
      /\.toLocale(?:Date|Time)?String\(|\bIntl\.(?!Segmenter\b)/.test(line)
        ? [`${at + 1}: renderer/i18n/format.ts formats`]
        : [],
    );
}
