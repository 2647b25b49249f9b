import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CallName, calls } from '../../shared/contract/calls.ts';
import { config } from '../../shared/contract/config.ts';
import { explainIssue, parseParams } from '../../shared/contract/issue.ts';
import { AppError, type ErrorJson } from '../../shared/errors/app-error.ts';
import { type Issue, issues } from '../../shared/errors/problems.ts';
import * as english from '../../shared/errors/sentences.en.ts';
import * as japanese from '../../shared/errors/sentences.ja.ts';

/** What only zod would say. */
const ZOD = /invalid (input|option|string|key|element)|expected |received |unrecognized|too (small|big):/iu;

const names = Object.keys(calls) as CallName[];

function refusalOf(name: CallName, params: unknown): ErrorJson | undefined {
  try {
    parseParams(name, calls[name].params, params);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error.toJSON();
    throw error;
  }
}

test.each(issues)('%s has words in both languages, with and without what belongs to it', (issue: Issue) => {
  for (const more of [{}, { limit: 7, values: 'a, b', text: '{', line: 3 }]) {
    const error: ErrorJson = { code: 'call.invalid', params: { name: 'site.add', key: 'root', issue, ...more } };
    expect(english.sentence(error)).toMatch(/^root (is|cannot) [^{}|%]*(\{[^{}|%]*)*\. Correct it and try again\.$/u);
    expect(english.sentence(error)).not.toMatch(/undefined| {2}/u);
    const text = japanese.sentence(error);
    expect(text).toMatch(/^入力「root」が正しくありません（.*[\p{Script=Hiragana}\p{Script=Katakana}]+.*）。/u);
    expect(text).not.toMatch(/undefined|（）|。。/u);
  }
});

test('whatever a call is given, what is said of it is ours, in both languages', () => {
  const value = fc.oneof(
    { depthSize: 'small' },
    fc.anything({ maxDepth: 3 }),
    fc.constantFrom(null, '', '../x', 'a[b', -1, 1e20, [], {}, { host: 1 }, ['']),
  );
  const keys = [...new Set(names.flatMap((name) => Object.keys(calls[name].params.shape)))];
  const params = fc.oneof(fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string({ maxLength: 8 })), value), value);
  fc.assert(
    fc.property(fc.constantFrom(...names), params, (name, given) => {
      const error = refusalOf(name, given);
      if (!error) return;
      expect(issues).toContain(error.params['issue']);
      // What a person typed may say anything.
      const issue = error.params['issue'] as Issue;
      expect(english.problemText(issue, {})).not.toMatch(ZOD);
      expect(Object.keys(error.params)).not.toContain('problem');
    }),
    { numRuns: 2000 },
  );
});

test('an own reason of a schema is a name of the list, in no language', () => {
  const folder = join(import.meta.dirname, '../../shared/contract');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  expect(files).toContain(join('calls', 'sites.ts'));
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    expect([file, text.match(/(message|error): ['"`]|\.regex\(\/.*\/\w*, ['"`]|\.refine\([^;]*?, ['"`]/su)]).toEqual([
      file,
      null,
    ]);
  }
});

test('what is wrong with a config is told in Japanese, too', () => {
  const node = { name: 'a', role: 'mirror' };
  const said = (value: object): string => {
    const found = config.safeParse(value).error?.issues[0];
    return japanese.sentence({
      code: 'config.invalid',
      params: { file: 'c.json', ...explainIssue(config, found, value) },
    });
  };
  expect(said({ version: 1, node, histroyDays: 3 })).toBe(
    'c.json の「histroyDays」が正しくありません（知らないキーです）。「historyDays」のつもりでないかを確かめ、ファイルを直してください。',
  );
  expect(said({ version: 1, node: { role: 'mirror' } })).toContain('「node.name」が正しくありません（ありません）');
  expect(said({ version: 1, node, historyDays: 0 })).toContain('（1 以上にしてください）');
  expect(said({ version: 1, node, historyDays: 1.5 })).toContain('（整数にしてください）');
  expect(said({ version: 1, node: { ...node, role: 'boss' } })).toContain('（master, mirror のどれかにしてください）');
  expect(said({ version: 1, node: { ...node, role: 'master' } })).toContain('マスターに必要ですが、ありません');
});
