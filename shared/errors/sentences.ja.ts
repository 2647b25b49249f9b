import type { ErrorJson, ErrorParams } from './app-error.ts';
import type { Issue } from './problems.ts';
import { breaks, problems } from './problems.ja.ts';
import { files } from './sentences/files.ja.ts';
import { install } from './sentences/install.ja.ts';
import { peers } from './sentences/peers.ja.ts';
import { publishing } from './sentences/publishing.ja.ts';
import { sites } from './sentences/sites.ja.ts';
import { type Sentences, speak, speakProblem } from './speaker.ts';

/** What happened and the one thing to do about it, in Japanese, for the app: two plain sentences. */
export function sentence(error: ErrorJson): string {
  const { what, mend } = sentenceParts(error);
  return `${what}${mend}`;
}

export function sentenceParts(error: ErrorJson): { what: string; mend: string } {
  return speak({ sentences, problems, breaks }, error, 'app');
}

/** What is wrong with a value, as the part of a sentence that follows its name. */
export function problemText(issue: Issue, params: ErrorParams): string {
  return speakProblem(problems, issue, params);
}

const sentences: Sentences = { ...files, ...peers, ...install, ...sites, ...publishing };
