import type { ErrorJson } from '../../shared/errors/app-error.ts';
import type { GlobProblem } from '../../shared/domain/glob.ts';
import * as english from '../../shared/errors/sentences.en.ts';
import * as japanese from '../../shared/errors/sentences.ja.ts';
import { useUi } from '../stores/ui-store.ts';
import { en, type Messages } from './en.ts';
import { type Format, formatFor } from './format.ts';
import { ja } from './ja.ts';
import type { Locale } from '../../shared/domain/appearance.ts';

export const catalogues: Readonly<Record<Locale, Messages>> = { en, ja };

interface Text {
  readonly t: Messages;
  readonly format: Format;
  readonly locale: Locale;
  /** What happened and what to do about it. */
  readonly sentence: (error: ErrorJson) => string;
  /** What is wrong with a pattern, or undefined. */
  readonly patternProblem: (problem: GlobProblem | undefined) => string | undefined;
}

const texts: Readonly<Record<Locale, Text>> = {
  en: textIn('en', en, (error) => english.sentence(error, 'app'), english.problemText),
  ja: textIn('ja', ja, japanese.sentence, japanese.problemText),
};

function textIn(
  locale: Locale,
  t: Messages,
  sentence: Text['sentence'],
  problemText: typeof english.problemText,
): Text {
  return {
    t,
    locale,
    sentence,
    format: formatFor(locale),
    patternProblem: (problem) =>
      problem && t.pattern(problemText(problem.issue, problem.text === undefined ? {} : { text: problem.text })),
  };
}

/** The texts and formats of the chosen language. */
export function useText(): Text {
  return texts[useUi((ui) => ui.locale)];
}
