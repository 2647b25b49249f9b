import type { EngineSummary } from '../../shared/contract/desktop.ts';
import type { ErrorJson } from '../../shared/errors/app-error.ts';
import { sentence as englishSentence } from '../../shared/errors/sentences.en.ts';
import { sentence as japaneseSentence } from '../../shared/errors/sentences.ja.ts';
import type { Locale } from '../../shared/domain/appearance.ts';
import { en } from './texts.en.ts';
import { ja } from './texts.ja.ts';
import type { Texts } from './texts.ts';

/** The texts of one language, and the sentences of errors in it. */
export interface Speaker {
  readonly locale: Locale;
  readonly texts: Texts;
  readonly sentence: (error: ErrorJson) => string;
}

const speakers: Readonly<Record<Locale, Speaker>> = {
  en: { locale: 'en', texts: en, sentence: (error) => englishSentence(error, 'app') },
  ja: { locale: 'ja', texts: ja, sentence: japaneseSentence },
};

export function speakerOf(locale: Locale): Speaker {
  return speakers[locale];
}

/** The state of the install as one sentence, for the tray. */
export function stateSentence(summary: EngineSummary, { texts, sentence }: Speaker): string {
  return texts.state(summary, sentence);
}
