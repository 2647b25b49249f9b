import type { ErrorJson, ErrorParams } from './app-error.ts';
import type { Issue } from './problems.ts';
import { breaks, problems } from './problems.en.ts';
import { files } from './sentences/files.en.ts';
import { install } from './sentences/install.en.ts';
import { peers } from './sentences/peers.en.ts';
import { publishing } from './sentences/publishing.en.ts';
import { sites } from './sentences/sites.en.ts';
import { type Place, type Sentences, speak, speakProblem } from './speaker.ts';

/** What happened and the one thing to do about it, in English: two plain sentences. `same`: ` --data DIR` where a person has given it; `waiting`: the name of what waits for it. */
export function sentence(error: ErrorJson, place: Place = 'shell', same = '', waiting = ''): string {
  const { what, mend } = sentenceParts(error, place, same, waiting);
  return `${what} ${mend}`;
}

export function sentenceParts(
  error: ErrorJson,
  place: Place = 'shell',
  same = '',
  waiting = '',
): { what: string; mend: string } {
  return speak({ sentences, problems, breaks }, error, place, same, waiting);
}

/** What is wrong with a value, as the part of a sentence that follows its name. */
export function problemText(issue: Issue, params: ErrorParams): string {
  return speakProblem(problems, issue, params);
}

const sentences: Sentences = { ...files, ...peers, ...install, ...sites, ...publishing };
