import { globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandLineReference } from '../../build/docs/command-line.ts';
import { configKeys, configReference } from '../../build/docs/config-reference.ts';
import { configTexts } from '../../build/docs/config-texts.ts';
import { dashboard } from '../../build/docs/dashboard.ts';
import { commands } from '../../electron/entry/cli/commands.ts';
import { metricsText } from '../../electron/engine/console/metrics.ts';
import { readDocPage } from '../support/doc-page.ts';
import { linkMessage, LINK_ITEMS_MAX, LINK_MESSAGE_BYTES_MAX, LINK_PROTOCOL } from '../../shared/contract/link.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');

describe('the reference of config.json', () => {
  test('is made from the schema as it is (npm run docs)', () => {
    expect(read('docs/config.md')).toBe(configReference(configTexts));
  });

  test('refuses a key without a text, and a text without a key', () => {
    const { version: _version, ...less } = configTexts;
    expect(_version).toBeDefined();
    expect(() => configReference(less)).toThrow('version');
    expect(() => configReference({ ...configTexts, nothing: 'x' })).toThrow('nothing');
    expect(configKeys().length).toBeGreaterThan(80);
  });
});

describe('the reference of the command line', () => {
  const page = read('docs/command-line.md');

  test('has usage and options from the commands as they are (npm run docs)', () => {
    expect(commandLineReference(page)).toBe(page);
  });

  test('refuses a command without a section, and a section without a command', () => {
    expect(() => commandLineReference(page.replace('### lockstep wait\n', ''))).toThrow('lockstep wait');
    expect(() => commandLineReference(`${page}\n### lockstep dance\n`)).toThrow('dance');
  });

  test('has an example of every command, which is run or says why not', () => {
    const shown = readDocPage(page.replaceAll(/^<!-- sh.*?^-->$/gmsu, '')).blocks;
    const scripts = shown.flatMap((block) => (block.kind === 'run' ? [block.script] : []));
    const left = [...page.matchAll(/^```sh no-run: [^\n]*\n(.*?)^```$/gmsu)].map(([, script = '']) => script);
    const given = [...scripts, ...left].join('\n');
    const missing = commands.map(({ words }) => `lockstep ${words.join(' ')}`).filter((line) => !given.includes(line));
    expect(missing).toEqual([]);
  });
});

describe('the Grafana dashboard', () => {
  test('is as the code makes it (npm run docs)', () => {
    expect(read('docs/grafana/lockstep.json')).toBe(dashboard());
  });

  test('asks for metrics that there are, and for all but a few of them', () => {
    const status = {
      node: { id: 'a'.repeat(64), name: 'origin', role: 'master', pid: 1, version: '1' },
      running: true,
      listeners: { ftp: null, link: null, console: null },
      sites: [],
      waiting: [],
    } as const;
    const usage = { cpuUsage: () => ({ user: 0, system: 0 }), memoryUsage: { rss: () => 0 }, uptime: () => 0 };
    const told = [...metricsText({ ...status, sites: [], waiting: [] }, usage, 0).matchAll(/^# TYPE (\w+)/gm)];
    const names = new Set(told.map(([, name = '']) => name));
    const asked = new Set(dashboard().match(/\b(?:lockstep|process)_\w+/g));
    expect([...asked].filter((name) => !names.has(name))).toEqual([]);
    expect([...names].filter((name) => !asked.has(name))).toEqual([
      'lockstep_peer_received_seq',
      'process_start_time_seconds',
    ]);
  });
});

describe('the link protocol', () => {
  const text = read('docs/link-protocol.md');

  test('names every message and every part of it', () => {
    for (const option of linkMessage.options) {
      const type = [...option.shape.type.values][0] ?? '';
      const [, section = ''] = text.split(`### ${type}\n`);
      const [own = ''] = section.split(/^##/m);
      for (const part of Object.keys(option.shape)) expect(own, `${type}.${part}`).toContain(`\`${part}\``);
    }
    const headings = [...text.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    const types = linkMessage.options.flatMap((option) => [...option.shape.type.values]);
    expect(new Set(headings)).toEqual(new Set(types));
    expect(headings).toHaveLength(types.length);
  });

  test('names the limits as they are', () => {
    expect(text).toContain(`protocol ${LINK_PROTOCOL}`);
    expect(text).toContain(`${LINK_MESSAGE_BYTES_MAX / 2 ** 20} MiB`);
    expect(text).toContain(`${LINK_ITEMS_MAX} items`);
  });

  test('its examples are messages', () => {
    const examples = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, example = '']) => example);
    expect(examples.length).toBeGreaterThan(4);
    for (const example of examples) expect(linkMessage.safeParse(JSON.parse(example)).error).toBeUndefined();
  });
});

test('every page that is linked to is there', () => {
  const pages = [...globSync('docs/**/*.md', { cwd: root }), 'README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];
  for (const page of pages) {
    for (const [, target = ''] of read(page).matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)) {
      const file = normalize(join(root, dirname(page), target));
      expect(statSync(file, { throwIfNoEntry: false }), `${page} → ${target}`).toBeDefined();
    }
  }
});
