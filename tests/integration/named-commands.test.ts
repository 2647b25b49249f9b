import { expect, test } from 'vitest';
import { inProcess, newMaster } from '../support/commands.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** All that a command prints, with the exit code before it. */
async function printed(words: string, ...more: string[]): Promise<string> {
  const { code, out, err } = await inProcess([...words.split(' '), ...more]);
  return `${code} ${out}${err}`;
}

/** Commands in it, up to the next one or the end of the sentence. */
function commandsIn(text: string): string[] {
  const said = text.replace(/^.*\[--data DIR\].*$/gmu, '');
  return said.split(/(?=lockstep [a-z])|[.;]\s/u).filter((part) => /^lockstep [a-z]/u.test(part));
}

test.each([
  'account list',
  'group list',
  'peer list',
  'release list',
  'release show 7',
  'status',
  'target list',
  'target test nobody',
  'site rescan nowhere',
  'group remove nobody --site nowhere',
  'waiting publish nothing',
  'config set . 1',
])('%s names commands for the install that was asked', async (words) => {
  const { dataDir } = await newMaster();
  const text = await printed(words, '--data', dataDir);
  const commands = commandsIn(text);
  expect([text, commands.length]).not.toEqual([text, 0]);
  for (const command of commands) expect(command).toContain(` --data ${dataDir}`);
});

test('so does what a mirror says that follows nothing, and what is said where there is no install', async () => {
  const dataDir = `${await temporaryFolder()}/a b`;
  for (const words of ['status', 'follow list'])
    expect(commandsIn(await printed(words, '--data', dataDir))).toEqual([
      expect.stringMatching(/^lockstep init --data '.*\/a b'/),
    ]);
  await printed('init --role mirror --data', dataDir);
  expect(await printed('follow list', '--data', dataDir)).toBe(
    `0 Follows nothing yet: lockstep join CODE --root PATH --data '${dataDir}'\n`,
  );
});
