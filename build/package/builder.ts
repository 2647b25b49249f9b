import { join, relative } from 'node:path';
import type { Configuration } from 'electron-builder';
import { root } from '../run.ts';
import { maintainer, publisher } from './publisher.ts';

export type System = 'linux' | 'win' | 'mac';

/** What a package is made of beside the configuration. */
export interface Ingredients {
  readonly system: System;
  /** Folder or zip of the Electron binary; undefined: electron-builder fetches it. */
  readonly electronDist?: string;
  /** Where packages go. */
  readonly output: string;
  /** Address at which releases are found. Absent: the app looks for none. On Linux it never does. */
  readonly feed?: string | undefined;
  /** For people: signed, or not made. */
  readonly release?: boolean;
}

/** The runtime of 2025: without FUSE 2, and with the sandbox; what electron-builder takes by itself has neither. */
export const APPIMAGE_TOOLS = '1.0.3';

const here = (...path: string[]): string => relative(root, join(root, 'build', ...path));

/**
 * All fuses of Electron, each said: the app is no Node for others, takes no options from the environment, cannot be debugged,
 * and runs nothing but the archive that it was signed with.
 */
export const fuses = {
  runAsNode: false,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false,
} as const;

/** The configuration of electron-builder for all systems. Secrets for signing come from the environment, by its own names. */
export function builderConfiguration({ system, electronDist, output, feed, release }: Ingredients): Configuration {
  // Nothing in an update for Linux is signed, and a deb or rpm would be installed as root: the system's own ways bring it.
  const source = system === 'linux' ? undefined : feed;
  const isSigned = system !== 'linux' && (release === true || source !== undefined);
  return {
    appId: publisher.appId,
    productName: 'Lockstep',
    copyright: `Copyright © ${publisher.name}`,
    directories: { output: relative(root, output), buildResources: 'build' },
    ...(electronDist !== undefined && { electronDist }),
    // All packages are in the bundles: nothing of node_modules is shipped, and nothing is built for Electron.
    files: ['out/**', 'package.json', '!out/cli', '!out/.sources', '!**/*.map', '!node_modules/**'],
    npmRebuild: false,
    asar: true,
    toolsets: { appimage: APPIMAGE_TOOLS },
    // A Mac starts nothing whose signature is broken, as that of Electron is by the fuses: where no other is put in its place,
    // it is made anew.
    electronFuses: { ...fuses, resetAdHocDarwinSignature: system === 'mac' && !isSigned },
    electronLanguages: ['en', 'en-US', 'ja'],
    protocols: [{ name: 'Lockstep pairing code', schemes: ['lockstep'], role: 'Viewer' }],
    publish: source === undefined ? null : [{ provider: 'generic', url: source }],
    forceCodeSigning: isSigned,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder fills them in
    artifactName: 'lockstep-desktop-${version}-${os}-${arch}.${ext}',
    linux: {
      executableName: 'lockstep-desktop',
      syncDesktopName: true,
      icon: here('icons', 'linux'),
      category: 'Network',
      // Also what menus show: it takes the place of a Comment in the entry.
      description: 'Every upload shows up at every mirror, whole and at once',
      synopsis: 'Publish a site from one server and serve it from several',
      maintainer,
      desktop: {
        entry: {
          Name: 'Lockstep',
          GenericName: 'Site publishing',
          'GenericName[ja]': 'サイトの公開',
          'Comment[ja]': 'アップロードがすべてのミラーへ、まるごと同時に届きます',
          Keywords: 'ftp;mirror;publish;site;',
        },
      },
    },
    deb: { packageName: 'lockstep-desktop', packageCategory: 'net', priority: 'optional' },
    rpm: { packageName: 'lockstep-desktop', packageCategory: 'Applications/Internet' },
    win: { icon: here('icons', 'icon.ico') },
    nsis: {
      oneClick: false,
      perMachine: false,
      allowToChangeInstallationDirectory: true,
      installerIcon: here('icons', 'icon.ico'),
      uninstallerIcon: here('icons', 'icon.ico'),
      installerLanguages: ['en_US', 'ja_JP'],
      // What was published and paired is the person's: it stays.
      deleteAppDataOnUninstall: false,
      runAfterFinish: true,
      include: here('nsis', 'installer.nsh'),
      // One installer for both processors; with the processor in its name there would be three.
      // biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder fills them in
      artifactName: 'lockstep-desktop-${version}-${os}.${ext}',
    },
    mac: {
      icon: here('icons', 'icon.icns'),
      category: 'public.app-category.developer-tools',
      darkModeSupport: true,
      hardenedRuntime: true,
      gatekeeperAssess: false,
      entitlements: here('entitlements', 'mac.plist'),
      entitlementsInherit: here('entitlements', 'mac.inherit.plist'),
      extendInfo: {
        NSLocalNetworkUsageDescription: 'Lockstep reaches its mirrors and its master, which may be on this network.',
      },
    },
    dmg: { title: 'Lockstep' },
  };
}
