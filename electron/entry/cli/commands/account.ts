import { calls } from '../../../../shared/contract/calls.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { answer, command, type Io, jsonOption } from '../command.ts';
import { askPassword, generatePassword, readPassword } from '../password.ts';
import { ask } from '../reach.ts';
import { plain, table } from '../text.ts';
import { sameInstall, typedPath } from '../values.ts';

export const accountAdd = command({
  words: 'account add',
  summary: 'master: let someone upload to a site',
  positionals: ['USER'],
  options: {
    site: { type: 'string', value: 'NAME', required: true, help: 'the site' },
    folder: { type: 'string', value: 'PATH', help: 'limit the account to this folder of the site' },
    'releases-only': {
      type: 'boolean',
      help: 'allow changes only within SITE RELEASE BEGIN … COMMIT',
    },
    'password-stdin': { type: 'boolean', help: 'read the password from standard input' },
    ...jsonOption,
  },
  notes: [
    'Without --password-stdin, it asks for the password at a terminal. Elsewhere it makes one and prints it once.',
  ],
  async run({ values, positionals: [user = ''] }, io) {
    const { password, generated } = await chosenPassword(values['password-stdin'], io);
    const releasesOnly = values['releases-only'];
    const params = { user, site: values.site, folder: typedPath(values.folder ?? ''), releasesOnly, password };
    await ask(io, values, 'account.add', params);
    return answer(io, values, { user, ...shownOnce(generated).json }, () => [
      `The account ${user} may publish to ${values.site}${releasesOnly ? ', by releases only' : ''}.`,
      ...shownOnce(generated).lines,
    ]);
  },
});

export const accountList = command({
  words: 'account list',
  summary: 'master: who may log in to the FTP server',
  options: jsonOption,
  async run({ values }, io) {
    const accounts = await ask(io, values, 'account.list', {});
    return answer(io, values, accounts, () =>
      accounts.length === 0
        ? `No accounts yet. Make one: lockstep account add USER --site NAME${sameInstall(values.data)}`
        : table(
            accounts.map((each) => [
              each.user,
              each.mirror === undefined ? each.kind : `${each.kind} ${each.mirror}`,
              `${each.site}/${each.folder}`,
              each.releasesOnly ? 'by releases only' : '',
            ]),
          ),
    );
  },
});

export const accountRemove = command({
  words: 'account remove',
  summary: 'master: remove an account',
  positionals: ['USER'],
  options: jsonOption,
  async run({ values, positionals: [user = ''] }, io) {
    const removed = await ask(io, values, 'account.remove', { user });
    return answer(io, values, removed, () => `The account ${user} is removed.`);
  },
});

export const accountPassword = command({
  words: 'account password',
  summary: 'master: change the password of an account, and end the sessions with the old one',
  positionals: ['USER'],
  options: {
    'password-stdin': { type: 'boolean', help: 'read the password from standard input' },
    ...jsonOption,
  },
  notes: [
    'Without --password-stdin, it asks for the password at a terminal. Elsewhere it makes one and prints it once.',
  ],
  async run({ values, positionals: [user = ''] }, io) {
    const { password, generated } = await chosenPassword(values['password-stdin'], io);
    await ask(io, values, 'account.password', { user, password });
    return answer(io, values, { user, ...shownOnce(generated).json }, () => [
      `The account ${user} has another password.`,
      ...shownOnce(generated).lines,
    ]);
  },
});

export const accountUnlock = command({
  words: 'account unlock',
  summary: 'master: unlock an address or an account after wrong passwords',
  positionals: ['ADDRESS|USER'],
  options: jsonOption,
  async run({ values, positionals: [who = ''] }, io) {
    const unlocked = await ask(io, values, 'account.unlock', { who });
    return answer(io, values, unlocked, () => `${plain(who)} can log in again.`);
  },
});

/** A password that was made here. */
function shownOnce(generated: string | undefined): { json: { password?: string }; lines: string[] } {
  if (generated === undefined) return { json: {}, lines: [] };
  return { json: { password: generated }, lines: [`Password, shown only now: ${generated}`] };
}

/** Typed, or read, or made where nobody gives one. */
async function chosenPassword(
  fromStdin: boolean,
  io: Io,
): Promise<{ password: string; generated: string | undefined }> {
  const asks = !fromStdin && io.stdin.isTTY && io.errIsTerminal;
  const typed = fromStdin ? await readPassword(io.stdin) : asks ? await askPassword(io) : undefined;
  // An empty answer at the prompt means: make one.
  const generated = typed === undefined || (asks && typed === '') ? generatePassword() : undefined;
  const password = generated ?? typed ?? '';
  if (!calls['account.add'].params.shape.password.safeParse(password).success)
    throw new AppError('account.bad-password');
  return { password, generated };
}
