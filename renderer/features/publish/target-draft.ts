import type { Target, TargetPlace, Trust } from '../../../shared/contract/publishing.ts';

/** What stands in the form of a target. */
export interface TargetDraft {
  readonly name: string;
  readonly protocol: TargetPlace['protocol'];
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly password: string;
  readonly folder: string;
  readonly remember: boolean;
}

export function draftOf(target: Target | undefined): TargetDraft {
  return {
    name: target?.name ?? '',
    protocol: target?.protocol ?? 'ftps',
    host: target?.host ?? '',
    port: String(target?.port ?? 21),
    user: target?.user ?? '',
    password: '',
    folder: target?.folder ?? '',
    remember: target === undefined || target.password === 'system' || target.password === 'file',
  };
}

export function placeOf(draft: TargetDraft, trust: Trust): TargetPlace {
  const { name, protocol, host, port, user, folder } = draft;
  return {
    name: name.trim(),
    protocol,
    host: host.trim(),
    port: Number(port),
    user: user.trim(),
    folder: folder.trim(),
    trust: protocol === 'ftp' ? { by: 'authority' } : trust,
  };
}

/** What was found out holds for what it was asked with. */
export function isSameServer(one: TargetDraft, other: TargetDraft): boolean {
  return one.protocol === other.protocol && one.host.trim() === other.host.trim() && one.port === other.port;
}

/** What was tried: the server, and the way in. */
export function isSameLogin(one: TargetDraft, other: TargetDraft): boolean {
  const { user, password, folder } = other;
  return isSameServer(one, other) && one.user === user && one.password === password && one.folder === folder;
}

/** In groups, as people read it to each other. */
export function grouped(fingerprint: string): string {
  return (fingerprint.toUpperCase().match(/.{1,4}/g) ?? []).join(' ');
}
