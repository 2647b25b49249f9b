import { setTimeout as sleep } from 'node:timers/promises';
import type { DeepReport } from '../../../../shared/contract/deep.ts';
import type { Finding } from '../../../../shared/contract/doctor.ts';
import { findingTexts } from '../../../../shared/doctor/findings.en.ts';
import { tellFinding } from '../../../../shared/doctor/findings.ts';
import { AppError, type ErrorJson } from '../../../../shared/errors/app-error.ts';
import { sentenceParts } from '../../../../shared/errors/sentences.en.ts';
import { readConfig } from '../../../engine/config/config-file.ts';
import { configFinding, examine } from '../../../engine/doctor/doctor.ts';
import { answer, command, EXIT, type Io, jsonOption, siteOf, siteOption } from '../command.ts';
import { deepLines, deepProgress, isSound } from '../deep-text.ts';
import { wrong } from '../parse.ts';
import { type Reach, withEngine } from '../reach.ts';
import { plain } from '../text.ts';
import { dataFolder, sameInstall } from '../values.ts';
import { interruptible } from '../interruptible.ts';

const LOOK_MILLIS = 200;

export const doctor = command({
  words: 'doctor',
  summary: 'check ports, certificate, disk, clock and peers, and say what to do',
  options: {
    peer: {
      type: 'string',
      value: 'PEER',
      help: 'check only the link to this peer: address, certificate, clock, version, FTP',
    },
    deep: { type: 'boolean', help: 'also read all of each site: files, index, journal, kept versions, the other ends' },
    mend: { type: 'boolean', help: 'with --deep: on a mirror, fetch what differs again; on a master, journal it' },
    cancel: { type: 'boolean', help: 'with --deep: stop the check under way' },
    ...siteOption,
    ...jsonOption,
  },
  notes: [
    'Exits 1 if there is a problem. With --deep, also if something differs and is not being mended. Files on a mirror that are not',
    'part of the site are listed, but do not count as a difference.',
    '--deep runs at low priority. Ctrl-C stops it.',
  ],
  async run({ values }, io) {
    const { deep, mend, cancel, peer } = values;
    if (!deep && (mend || cancel || values.site !== undefined))
      throw wrong(`--${mend ? 'mend' : cancel ? 'cancel' : 'site'} goes with --deep`, 'Write --deep too');
    if (deep && peer !== undefined) throw wrong('--deep leaves no room for --peer', 'Write one of the two');
    const dataDir = dataFolder(values.data, io);
    if (cancel) return cancelDeep(dataDir, values, io);
    const findings = await examineFolder(dataDir, peer, io.now());
    const sick = findings.some(({ level }) => level === 'problem');
    if (!values.json)
      for (const line of findings.flatMap((finding) => findingLines(finding, sameInstall(values.data)))) io.out(line);
    // Without a config or a database there is nothing to compare.
    const broken = findings.some(
      ({ check, level }) => level === 'problem' && (check === 'config' || check === 'database'),
    );
    const reports = deep && !broken ? await checkDeeply(dataDir, values, io) : undefined;
    answer(
      io,
      values,
      { findings, ...(reports && { deep: reports.all }) },
      () => reports?.all.flatMap((report) => deepLines(report, reports.role, sameInstall(values.data))) ?? [],
    );
    const sound = reports === undefined || reports.all.every((report) => isSound(report, reports.role));
    return sick || !sound ? EXIT.failed : EXIT.done;
  },
});

/** `role`: of the install whose reports they are. */
interface Reports {
  readonly role: 'master' | 'mirror';
  readonly all: readonly DeepReport[];
}

interface DeepValues {
  readonly data: string | undefined;
  readonly site: string | undefined;
  readonly mend: boolean;
  readonly json: boolean;
}

async function cancelDeep(dataDir: string, values: DeepValues, io: Io): Promise<number> {
  const deep = await withEngine(dataDir, (engine) => engine.call('deep.cancel', siteOf(values)));
  const { role } = (await readConfig(dataDir)).node;
  return answer(io, values, { findings: [], deep }, () =>
    deep.flatMap((report) => deepLines(report, role, sameInstall(values.data))),
  );
}

async function checkDeeply(dataDir: string, values: DeepValues, io: Io): Promise<Reports> {
  const { role } = (await readConfig(dataDir)).node;
  const all = await withEngine(dataDir, async (engine) => {
    await engine.call('deep.start', { ...siteOf(values), mend: values.mend });
    return follow(engine, values.site, io);
  });
  return { role, all };
}

/** Until all have ended. Ctrl-C breaks them off; a second one leaves at once. */
async function follow(engine: Reach, site: string | undefined, io: Io): Promise<DeepReport[]> {
  try {
    return await interruptible(async (isInterrupted) => {
      for (;;) {
        const all = await engine.call(isInterrupted() ? 'deep.cancel' : 'deep.list', {});
        const reports = all.filter((report) => site === undefined || report.site === site);
        const running = reports.find(({ state }) => state === 'running');
        if (!running) return reports;
        io.progress?.(deepProgress(running));
        await sleep(LOOK_MILLIS);
      }
    });
  } finally {
    io.progress?.('');
  }
}

async function examineFolder(dataDir: string, peer: string | undefined, now: number): Promise<Finding[]> {
  try {
    const config = await readConfig(dataDir);
    try {
      const params = peer === undefined ? {} : { peer };
      return (await withEngine(dataDir, (engine) => engine.call('node.doctor', params))).findings;
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'peer.unknown') throw error;
      return await examine({ dataDir, config, now, stateError: error, probe: () => Promise.resolve() });
    }
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('config.')) return [configFinding(error)];
    throw error;
  }
}

const signs = { ok: '●', warning: '◌', problem: '▲' } as const;

function findingLines(finding: Finding, same: string): string[] {
  const { level, subject } = finding;
  const inWords = (error: ErrorJson): { what: string; mend: string } => sentenceParts(error, 'shell', same);
  // One of a newer Lockstep that runs is told in its own words.
  const told = tellFinding(finding, findingTexts, inWords, 'shell', same);
  const { what, mend } = told ?? { what: finding.sentence, mend: finding.mend };
  const head = `${signs[level]} ${level.padEnd(7)}  ${subject === undefined ? '' : `${subject}: `}${plain(what)}`;
  return mend === undefined ? [head] : [head, `           ${plain(mend)}`];
}
