import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run.ts';
import { configReference } from './config-reference.ts';
import { configTexts } from './config-texts.ts';

/** `npm run docs`: what of docs/ is made from the code. A test tells where it is not up to date. */
writeFileSync(join(root, 'docs', 'config.md'), configReference(configTexts));
console.log('docs/config.md is as the schema has it');
