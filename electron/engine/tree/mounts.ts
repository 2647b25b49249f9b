import { readFileSync } from 'node:fs';
import { systemCode } from './file-error.ts';

/** Of a line of the table of mounts that which tells one from another: what comes after it is about how it is mounted. */
const FIELDS = 5;
/** Types of file systems that a server may be behind: a look at a file there waits until that answers. */
const REMOTE = /^(nfs|cifs|smb|fuse|9p|ceph|afs|lustre|gfs|ocfs|coda|ncp|orangefs|pvfs)/;

export interface Mount {
  readonly id: string;
  /** `MAJOR:MINOR`. */
  readonly disk: string;
  /** In the system's words: some characters of it are octal numbers. */
  readonly folder: string;
  /** It may be the disk of another machine. */
  readonly isRemote: boolean;
  /** All that tells it from others. */
  readonly line: string;
}

/** What is mounted anywhere (Linux, proc_pid_mountinfo(5)). Nothing where the system does not say. */
export function readMounts(table = readTable()): Mount[] {
  return table.split('\n').flatMap((line) => {
    const fields = line.split(' ', FIELDS);
    const [id, , disk, , folder] = fields;
    if (id === undefined || disk === undefined || folder === undefined) return [];
    const type = line.split(' - ').at(-1) ?? '';
    return [{ id, disk, folder, isRemote: REMOTE.test(type), line: fields.join(' ') }];
  });
}

/** The folders below `folder` that are disks of their own, as paths from there. */
export function disksIn(folder: string): string[] {
  const above = `${folder}/`;
  const folders = readMounts().map((mount) =>
    mount.folder.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
  );
  return [...new Set(folders.filter((each) => each.startsWith(above)).map((each) => each.slice(above.length)))];
}

/** The disks that are mounted below a folder: other words where one has come or gone. */
export function mountsBelow(folder: string): string {
  const above = `${folder}/`.replace(/[ \t\n\\]/g, (each) => `\\${each.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return readMounts()
    .filter((mount) => mount.folder.startsWith(above))
    .map(({ line }) => line)
    .join('\n');
}

function readTable(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8');
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return '';
  }
}
