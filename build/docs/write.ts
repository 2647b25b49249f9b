import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run.ts';
import { commandLineReference } from './command-line.ts';
import { configReference } from './config-reference.ts';
import { configTexts } from './config-texts.ts';
import { dashboard } from './dashboard.ts';

/** `npm run docs`: what of docs/ is made from the code. A test tells where it is not up to date. */
const docs = join(root, 'docs');
mkdirSync(join(docs, 'grafana'), { recursive: true });
writeFileSync(join(docs, 'config.md'), configReference(configTexts));
const commandLine = join(docs, 'command-line.md');
writeFileSync(commandLine, commandLineReference(readFileSync(commandLine, 'utf8')));
writeFileSync(join(docs, 'grafana', 'lockstep.json'), dashboard());
console.log('docs/config.md, docs/command-line.md and docs/grafana/lockstep.json are as the code has it');
