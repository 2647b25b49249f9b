import { answer, command, jsonOption, siteOf, siteOption } from '../command.ts';
import { ask } from '../reach.ts';
import { bytes, moment, plain, table } from '../text.ts';
import { parseWhole, typedPath } from '../values.ts';

export const versionList = command({
  words: 'version list',
  summary: 'master: the versions of a file, newest first, and which are still kept',
  positionals: ['PATH'],
  options: {
    limit: { type: 'string', value: 'N', help: 'how many at most (default 50)' },
    ...siteOption,
    ...jsonOption,
  },
  async run({ values, positionals: [typed = ''] }, io) {
    const path = typedPath(typed);
    const limit = values.limit === undefined ? {} : { limit: parseWhole('--limit', values.limit, 1) };
    const versions = await ask(io, values, 'version.list', { ...siteOf(values), path, ...limit });
    return answer(io, values, versions, () => {
      const rows = versions.map(({ seq, at, by, size, current, kept }) => [
        String(seq),
        moment(at),
        bytes(size),
        plain(by),
        current ? 'current' : kept ? 'kept' : 'no longer kept',
      ]);
      return rows.length === 0 ? 'The journal does not know this file.' : table(rows, ['right', 'left', 'right']);
    });
  },
});

export const versionRestore = command({
  words: 'version restore',
  summary: 'master: restore an earlier version of a file, as a release',
  positionals: ['PATH'],
  options: {
    seq: { type: 'string', value: 'N', required: true, help: 'the change that made the version, from version list' },
    name: { type: 'string', value: 'TEXT', help: 'the name of the release' },
    ...siteOption,
    ...jsonOption,
  },
  async run({ values, positionals: [typed = ''] }, io) {
    const path = typedPath(typed);
    const params = {
      ...siteOf(values),
      path,
      seq: parseWhole('--seq', values.seq, 1),
      ...(values.name !== undefined && { name: values.name }),
    };
    const release = await ask(io, values, 'version.restore', params);
    return answer(
      io,
      values,
      release,
      () =>
        `${plain(path)} is what it was at change ${values.seq}. It is release ${release.id}: “${plain(release.name)}”.`,
    );
  },
});
