import { z } from 'zod';
import { config } from '../../shared/contract/config.ts';

/** What of JSON Schema the config uses. */
const schema = z.object({
  type: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  default: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  get properties() {
    return z.record(z.string(), schema).optional();
  },
  get items() {
    return schema.optional();
  },
  get anyOf() {
    return z.array(schema).optional();
  },
  required: z.array(z.string()).optional(),
});
type Schema = z.output<typeof schema>;

export interface Key {
  /** `sites[].routes[].glob` */
  readonly path: string;
  readonly kind: string;
  /** Empty: it may be left out, and nothing stands for it. */
  readonly standing: string;
}

/** All keys of `config.json`, as the schema has them. */
export function configKeys(): Key[] {
  const root = schema.parse(z.toJSONSchema(config, { io: 'input', unrepresentable: 'any', reused: 'inline' }));
  return keysOf(root, '');
}

/** docs/config.md. Throws for a key without a text, and for a text without a key. */
export function configReference(texts: Readonly<Record<string, string>>): string {
  const keys = configKeys();
  const stray = Object.keys(texts).filter((path) => !keys.some((key) => key.path === path));
  if (stray.length > 0) throw new Error(`there is no key ${stray.join(', ')} in the config`);
  const rows = keys.map(({ path, kind, standing }) => {
    const text = texts[path];
    if (text === undefined) throw new Error(`build/docs/config-texts.ts says nothing of ${path}`);
    return `| \`${path}\` | ${kind} | ${standing} | ${text} |`;
  });
  return `${HEAD}\n| key | what | if left out | |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

const HEAD = `# config.json

<!-- Made from the schema by npm run docs: change shared/contract/config.ts and build/docs/config-texts.ts instead. -->

The settings of an install, in its data folder. You can edit the file: Lockstep reads it again when it changes on disk. It checks the
file as a whole. If something is wrong, the log and \`lockstep doctor\` say what, and the earlier settings stay in force. Unknown keys
are refused, so that a misspelt one is noticed. [The command line](command-line.md) and the app write the same file. Accounts, peers and
secrets are not here but in the database.

Patterns: \`*\` within a name, \`**\` across folders, \`{a,b}\`, \`[a-z]\`; a \`\\\` before a character stands for that character.
`;

function keysOf({ properties = {}, required = [] }: Schema, prefix: string): Key[] {
  return Object.entries(properties).flatMap(([name, value]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const standing = required.includes(name)
      ? 'required'
      : value.default === undefined
        ? ''
        : `\`${JSON.stringify(value.default)}\``;
    return [{ path, kind: kindOf(value), standing }, ...below(value, path)];
  });
}

function below(value: Schema, path: string): Key[] {
  const parts = value.anyOf ?? [value];
  return parts.flatMap((part) => [...keysOf(part, path), ...(part.items ? keysOf(part.items, `${path}[]`) : [])]);
}

function kindOf(value: Schema): string {
  if (value.anyOf) return value.anyOf.map(kindOf).join(' or ');
  if (value.const !== undefined) return `\`${JSON.stringify(value.const)}\``;
  if (value.enum) return value.enum.map((each) => `\`${JSON.stringify(each)}\``).join(', ');
  switch (value.type) {
    case 'array':
      return value.items?.properties ? 'list of objects' : 'list of texts';
    case 'integer':
    case 'number':
      return `${value.type === 'integer' ? 'whole number' : 'number'}${range(value)}`;
    case 'string':
      return 'text';
    case 'boolean':
      return '`true` or `false`';
    case 'null':
      return '`null`';
    default:
      return 'object';
  }
}

function range({ minimum, maximum }: Schema): string {
  const top = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum.toLocaleString('en') : undefined;
  const bottom = minimum?.toLocaleString('en');
  if (bottom !== undefined && top !== undefined) return `, ${bottom} to ${top}`;
  return bottom === undefined ? '' : `, at least ${bottom}`;
}
