import type { Finding } from '../../../shared/contract/doctor.ts';
import { findingTexts } from '../../../shared/doctor/findings.en.ts';
import { type FindingCode, tellFinding } from '../../../shared/doctor/findings.ts';
import type { AppError, ErrorParams } from '../../../shared/errors/app-error.ts';
import { sentenceParts } from '../../../shared/errors/sentences.en.ts';

/** A finding with its English sentences, as the command line prints them. */
export function found(
  check: Finding['check'],
  level: Finding['level'],
  code: FindingCode,
  params: ErrorParams = {},
): Finding {
  return told({ check, level, code, params: { ...params } });
}

/** What an `AppError` says, as a finding. */
export function problem(check: Finding['check'], error: AppError, level: Finding['level'] = 'problem'): Finding {
  return told({ check, level, code: error.code, params: { ...error.params } });
}

function told(finding: Pick<Finding, 'check' | 'level' | 'code' | 'params'>): Finding {
  const { what = finding.code, mend } = tellFinding(finding, findingTexts, sentenceParts, 'shell') ?? {};
  return { ...finding, sentence: what, ...(mend !== undefined && { mend }) };
}
