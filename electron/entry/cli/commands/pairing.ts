import { resolve } from 'node:path';
import type { CallResult } from '../../../../shared/contract/calls.ts';
import { AppError, type ErrorJson } from '../../../../shared/errors/app-error.ts';
import { answer, command, EXIT, jsonOption, takeOverOption } from '../command.ts';
import { withEngine } from '../reach.ts';
import { json, moment, plain } from '../text.ts';
import { dataFolder, parseAddress, parseChoice, parseDuration, sameInstall } from '../values.ts';

/** What the call takes, in milliseconds. */
const EXPIRES = { min: 10_000, max: 7 * 86_400_000 };

export const invite = command({
  words: 'invite',
  summary: 'master: print a pairing code for one mirror',
  options: {
    site: { type: 'string', value: 'NAME', help: 'the site to follow (needed if there are several)' },
    expires: { type: 'string', value: 'TIME', help: 'how long the code is valid (default 10m)' },
    address: {
      type: 'string',
      value: 'HOST:PORT',
      help: 'where the mirror can reach this master, for example behind NAT',
    },
    link: { type: 'boolean', help: 'print the code as a link that opens the desktop app with the code filled in' },
    ...jsonOption,
  },
  async run({ values }, io) {
    const params = {
      ...(values.site !== undefined && { site: values.site }),
      ...(values.expires !== undefined && {
        expiresSeconds: Math.ceil(parseDuration('--expires', values.expires, EXPIRES) / 1000),
      }),
      ...(values.address !== undefined && { address: parseAddress('--address', values.address) }),
    };
    const { invitation, isRunning } = await withEngine(dataFolder(values.data, io), async (engine) => ({
      invitation: await engine.call('pairing.invite', params),
      isRunning: engine.running !== undefined,
    }));
    if (values.json) io.out(json(invitation));
    else {
      // Only the code goes to standard output, for `CODE=$(lockstep invite)`.
      io.out(values.link ? `lockstep:${invitation.code}` : invitation.code);
      const use = values.link ? 'open the link' : 'lockstep join CODE --root PATH';
      io.err(`Valid until ${moment(invitation.expiresAt)}, once. At the mirror: ${use}`);
      // The mirror would find nobody.
      if (!isRunning)
        io.err(
          `This master is not running: start it before the mirror joins, with lockstep run${sameInstall(values.data)}`,
        );
    }
    return EXIT.done;
  },
});

export const join = command({
  words: 'join',
  summary: 'mirror: use a pairing code to follow a site into a folder',
  positionals: ['CODE'],
  options: {
    root: { type: 'string', value: 'PATH', required: true, help: 'the folder for the site' },
    dial: { type: 'string', value: 'master|mirror', help: 'who opens the link (default: whoever can reach the other)' },
    'dry-run': {
      type: 'boolean',
      help: 'check the code, the master and the folder; write nothing, and do not use up the code',
    },
    ...takeOverOption,
    ...jsonOption,
  },
  async run({ values, positionals: [code = ''] }, io) {
    const params = {
      code: code.trim(),
      root: resolve(io.cwd, values.root),
      takeOver: values['take-over'],
      ...(values.dial !== undefined && { dial: parseChoice('--dial', values.dial, ['master', 'mirror']) }),
    };
    return withEngine(dataFolder(values.data, io), async (engine) => {
      if (values['dry-run']) {
        const { root, takeOver } = params;
        // Only a mirror follows.
        await engine.call('follow.list', {});
        // In the order of a join: where the site is followed already its folder is not to blame.
        const checked = await engine.call('pairing.check', { code: params.code });
        const folder = await engine.call('folder.check', { root, use: 'follow', takeOver });
        answer(io, values, { ...checked, folder }, () => describeCheck({ ...checked, folder }));
        if (checked.reached === null) throw AppError.fromJSON(whyUnreached(checked));
        return EXIT.done;
      }
      const joined = await engine.call('pairing.join', params);
      return answer(io, values, joined, () => [
        `This mirror follows the site ${joined.site} of ${joined.master.name} into ${plain(joined.root)}.`,
        ...(engine.running ? [] : [`Next: lockstep run${sameInstall(values.data)}`]),
      ]);
    });
  },
});

type Checked = CallResult<'pairing.check'> & { readonly folder: CallResult<'folder.check'> };

function describeCheck({ site, master, expiresAt, reached, folder }: Checked): string[] {
  return [
    `The code is for the site ${site}, valid until ${moment(expiresAt)}.`,
    `The master's fingerprint is ${master}.`,
    ...(reached === null ? [] : [`It answers at ${plain(reached)}.`]),
    `${plain(folder.root)} ${folderWords[folder.is]}`,
  ];
}

const folderWords = {
  absent: 'is not there and will be made.',
  empty: 'is empty.',
  filled:
    "is not empty: what equals the master's is kept, what differs under the same name is replaced, all else stays as it is.",
} as const;

function whyUnreached({ addresses }: Pick<Checked, 'addresses'>): ErrorJson {
  return addresses.find(({ error }) => error)?.error ?? { code: 'link.unreachable', params: {} };
}
