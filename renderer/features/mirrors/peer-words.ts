import { reasonTexts as en } from '../../../shared/domain/explain-peer.en.ts';
import { reasonTexts as ja } from '../../../shared/domain/explain-peer.ja.ts';
import type { PeerWords, ReasonTexts } from '../../../shared/domain/peer-words.ts';
import type { Locale } from '../../../shared/domain/appearance.ts';
import { useText } from '../../i18n/use-text.ts';

const texts: Readonly<Record<Locale, ReasonTexts>> = { en, ja };

/** The reasons in the chosen language, told of one peer. */
export function usePeerTexts(
  peer: string,
  role: 'master' | 'mirror',
  now: number,
): { texts: ReasonTexts; words: PeerWords } {
  const { format, locale } = useText();
  const words: PeerWords = {
    peer,
    role,
    place: 'app',
    now,
    number: (value) => format.number(value),
    bytes: (value) => format.bytes(value),
    duration: (millis) => format.duration(millis),
    ago: (at) => format.ago(at, now),
    clock: (at) => format.minute(at, now),
  };
  return { texts: texts[locale], words };
}
