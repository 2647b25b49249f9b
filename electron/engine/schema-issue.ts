import type { z } from 'zod';
import { nearest } from '../../shared/domain/nearest.ts';

/** An issue of the schema in words: which key, what is wrong with it, and the mend. */
export function explainIssue(
  schema: z.ZodType,
  issue: z.core.$ZodIssue | undefined,
  value: unknown,
): { key: string; problem: string; mend: string } {
  if (!issue) return { key: '', problem: 'is not right', mend: 'Correct the file' };
  if (issue.code === 'unrecognized_keys') {
    const [unknown = ''] = issue.keys;
    const close = nearest(unknown, keysAt(schema, issue.path));
    const key = keyPath([...issue.path, unknown]);
    return { key, problem: 'is not a known key', mend: close ? `Did you mean “${close}”` : 'Take it out' };
  }
  const key = keyPath(issue.path);
  const given = valueAt(value, issue.path);
  if (given === undefined && issue.code !== 'custom') return { key, problem: 'is missing', mend: 'Put it in' };
  return { key, problem: `is not right: ${sentenceEnd(issue.message)}`, mend: 'Correct it, or take it out' };
}

/** What zod would say in its own words, as a part of a sentence. Messages that a schema has of its own are not asked for here. */
export const issueWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return `it must be ${TYPES[issue.expected] ?? 'something else'}`;
    case 'too_small':
      return `it must ${sizeWords(issue.origin, issue.minimum, 'at least')}`;
    case 'too_big':
      return `it must ${sizeWords(issue.origin, issue.maximum, 'at most')}`;
    case 'invalid_value':
      return `it must be ${issue.values.map((value) => `“${String(value)}”`).join(' or ')}`;
    case 'invalid_format':
      return issue.format === 'url'
        ? 'it must be an address with http:// or https://'
        : 'it holds characters that it may not';
    default:
      return 'it has not the right form';
  }
};

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object with keys',
  record: 'an object with keys',
};

function sizeWords(origin: string, limit: number | bigint, bound: 'at least' | 'at most'): string {
  if (origin === 'string') return `have ${bound} ${limit} ${limit === 1 ? 'character' : 'characters'}`;
  if (origin === 'array') return `have ${bound} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  return `be ${bound} ${limit}`;
}

function keyPath(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, part) => (typeof at === 'object' && at !== null ? Reflect.get(at, part) : undefined),
    value,
  );
}

/** The keys that the schema knows at this place. */
function keysAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  const inner = unwrapSchema(schema);
  const [next, ...rest] = path;
  if (next === undefined) return hasShape(inner) ? Object.keys(inner.shape) : [];
  if (typeof next === 'number') return keysAt(Reflect.get(Object(inner), 'element'), rest);
  return hasShape(inner) ? keysAt(Reflect.get(inner.shape, next), rest) : [];
}

/** Looks through optional, default and prefault. */
function unwrapSchema(schema: unknown): unknown {
  const unwrapOnce: unknown = Reflect.get(Object(schema), 'unwrap');
  const isWrapper = typeof unwrapOnce === 'function' && Reflect.get(Object(schema), 'element') === undefined;
  return isWrapper ? unwrapSchema(Reflect.apply(unwrapOnce, schema, [])) : schema;
}

function hasShape(schema: unknown): schema is { shape: object } {
  return typeof Reflect.get(Object(schema), 'shape') === 'object';
}

function sentenceEnd(message: string): string {
  return message.replace(/\.$/, '').slice(0, 200);
}
