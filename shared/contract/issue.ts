import type { z } from 'zod';
import { nearest } from '../domain/nearest.ts';
import { AppError, type ErrorParams } from '../errors/app-error.ts';
import { type Issue, isIssue } from '../errors/problems.ts';

/** The message by which a schema refuses something: not words, which are made where a person reads them. */
export function issue(name: Issue): Issue {
  return name;
}

/** The same for `addIssue`. */
export function custom(name: Issue, text?: string): { code: 'custom'; message: Issue; params?: { text: string } } {
  return { code: 'custom', message: name, ...(text !== undefined && { params: { text } }) };
}

/** Parses what came from outside; from here on it can be trusted. Throws `call.invalid`. */
export function parseParams<S extends z.ZodType>(name: string, schema: S, params: unknown): z.output<S> {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  throw new AppError('call.invalid', { name, ...explainIssue(schema, parsed.error.issues[0], params) });
}

/** The first thing that a schema finds wrong, as parameters of an error: which key, the `Issue`, and what belongs to it. */
export function explainIssue(schema: z.ZodType, found: z.core.$ZodIssue | undefined, value: unknown): ErrorParams {
  if (!found) return { issue: issue('form') };
  if (found.code === 'unrecognized_keys') {
    const [unknown = ''] = found.keys;
    const close = nearest(unknown, keysAt(schema, found.path));
    const key = keyPath([...found.path, unknown]);
    return { key, issue: issue('unknown-key'), mend: 'Take it out', ...(close !== undefined && { close }) };
  }
  const key = keyPath(found.path);
  if (valueAt(value, found.path) === undefined && found.code !== 'custom')
    return { key, issue: issue('missing'), mend: 'Put it in' };
  return { key, mend: 'Correct it, or take it out', ...reasonOf(found) };
}

function reasonOf(found: z.core.$ZodIssue): { issue: Issue } & ErrorParams {
  if (isIssue(found.message)) return { issue: found.message, ...scalars(found.code === 'custom' ? found.params : {}) };
  switch (found.code) {
    case 'invalid_type':
      return { issue: TYPES[found.expected] ?? 'form' };
    case 'too_small':
      return { issue: BOUNDS[found.origin]?.[0] ?? 'min', limit: Number(found.minimum) };
    case 'too_big':
      return { issue: BOUNDS[found.origin]?.[1] ?? 'max', limit: Number(found.maximum) };
    case 'invalid_value':
      return { issue: 'one-of', values: found.values.map(String).join(', ') };
    case 'invalid_format':
      return { issue: found.format === 'url' ? 'web-address' : 'characters' };
    default:
      return { issue: 'form' };
  }
}

const TYPES: Readonly<Record<string, Issue>> = {
  string: 'text',
  number: 'number',
  int: 'whole-number',
  boolean: 'true-or-false',
  array: 'list',
  object: 'object',
  record: 'object',
};

const BOUNDS: Readonly<Record<string, readonly [min: Issue, max: Issue]>> = {
  string: ['length-min', 'length-max'],
  array: ['entries-min', 'entries-max'],
};

function scalars(params: Record<string, unknown> = {}): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(params).flatMap(([key, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[key, value]] : [],
    ),
  );
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
