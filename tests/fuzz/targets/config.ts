import { parseConfig } from '../../../electron/engine/config/parse-config.ts';
import { sentence as english } from '../../../shared/errors/sentences.en.ts';
import { sentence as japanese } from '../../../shared/errors/sentences.ja.ts';
import { demand, type FuzzTarget } from '../target.ts';
import { mutateJson, nest } from './json.ts';

const TOKENS = ['{', '}', '[', ']', ',', ':', '"', '\\u0000', '1e999', 'null', '//', '\ufeff', '\0', nest(3000)];

const master = {
  version: 1,
  node: { name: 'tokyo', role: 'master' },
  ftp: { host: '::', port: 2121, tls: 'required', passive: { min: 5000, max: 6000 }, limits: { sessions: 5 } },
  link: { host: '::', port: 2122 },
  console: { host: '127.0.0.1', port: 0 },
  sites: [
    {
      name: 'www',
      root: '/srv/www',
      watch: true,
      routes: [{ glob: '**/*.html', mirrors: ['osaka'] }],
      groups: [{ name: 'g', members: ['a', 'b/*.css'], rule: 'settle', settle: 2000, limit: 60_000, atLimit: 'hold' }],
      links: { urls: ['https://example.org/'], set: [{ glob: '*.html', target: 'a.css' }] },
      versions: { days: 3 },
      multicast: { group: '239.1.2.3', port: 5000 },
    },
  ],
};
const mirror = {
  version: 1,
  node: { name: 'osaka', role: 'mirror' },
  follows: [{ site: 'www', master: 'ab'.repeat(32), root: '/srv', exclude: ['x'], hours: { from: 1, to: 5 } }],
};

/** `config.json` as a person with an editor, or a broken disk, leaves it. */
export const config: FuzzTarget<string> = {
  name: 'config',
  shortRun: 400,
  generate: (random) => {
    const text = JSON.stringify(mutateJson(random.pick([master, mirror]), random, random.pick([0, 0.05, 0.2])));
    return random.chance(0.4) ? random.mutate(text, TOKENS) : text;
  },
  start: () =>
    Promise.resolve({
      attempt(text) {
        const parsed = parseConfig(text, '/data/config.json');
        if (parsed.ok) {
          const again = parseConfig(JSON.stringify(parsed.value), '/data/config.json');
          demand(again.ok, 'what was read cannot be written and read again');
          demand(!('polluted' in {}), 'a prototype was changed');
          return;
        }
        const { code, params } = parsed.error;
        demand(code === 'config.invalid' || code === 'config.unreadable', code);
        for (const said of [english({ code, params }), japanese({ code, params })])
          demand(said.length > 0 && said.length < 2000, `a sentence of ${said.length} characters`);
      },
      verify() {},
      stop: () => Promise.resolve(),
    }),
};
