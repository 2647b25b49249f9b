import type { Finding } from '../../../shared/contract/doctor.ts';
import { findingTexts as en } from '../../../shared/doctor/findings.en.ts';
import { findingTexts as ja } from '../../../shared/doctor/findings.ja.ts';
import { tellFinding } from '../../../shared/doctor/findings.ts';
import { sentenceParts as english } from '../../../shared/errors/sentences.en.ts';
import { sentenceParts as japanese } from '../../../shared/errors/sentences.ja.ts';
import { useText } from '../../i18n/use-text.ts';

/** What was found and what to do, in the chosen language. What an engine of another version finds is told in its own words. */
export function useFindingText(): (finding: Finding) => { what: string; mend?: string } {
  const { locale } = useText();
  return (finding) => {
    const told =
      locale === 'ja'
        ? tellFinding(finding, ja, japanese, 'app')
        : tellFinding(finding, en, (error) => english(error, 'app'), 'app');
    const own = { what: finding.sentence, ...(finding.mend !== undefined && { mend: finding.mend }) };
    const text = told ?? own;
    // Failures of a check that is well otherwise have something to do all the same.
    return finding.level === 'ok' ? { what: text.what } : text;
  };
}
