import { join, relative } from 'node:path';
import type { Configuration } from 'electron-builder';
import { root } from '../run.ts';
import { maintainer, publisher } from './publisher.ts';

/** What a package is made of beside the configuration. */
export interface Ingredients {
  /** Folder or zip of the Electron binary; undefined: electron-builder fetches it. */
  readonly electronDist?: string;
  /** Where packages go. */
  readonly output: string;
  /** Address at which releases are found. Absent: the app looks for none. */
  readonly feed?: string | undefined;
}

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
export function builderConfiguration({ electronDist, output, feed }: Ingredients): Configuration {
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
    electronFuses: fuses,
    electronLanguages: ['en', 'en-US', 'ja'],
    protocols: [{ name: 'Lockstep pairing code', schemes: ['lockstep'], role: 'Viewer' }],
    publish: feed === undefined ? null : [{ provider: 'generic', url: feed }],
    // What is installed by itself has to be signed; Linux packages are told by the hash in the feed.
    forceCodeSigning: feed !== undefined,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder fills them in
    artifactName: 'lockstep-desktop-${version}-${os}-${arch}.${ext}',
    linux: {
      executableName: 'lockstep-desktop',
      syncDesktopName: true,
      icon: here('icons', 'linux'),
      category: 'Network',
      synopsis: 'Publish a site from one server and serve it from several',
      maintainer,
      desktop: {
        entry: {
          Name: 'Lockstep',
          GenericName: 'Site publishing',
          'GenericName[ja]': 'サイトの公開',
          Comment: 'Every upload shows up at every mirror, whole and at once',
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
