import type { System } from './builder.ts';

/** What electron-builder leaves unpacked beside the packages, below the folder of the packages: the apps, in which the fuses are. */
export const packedApps: Readonly<Record<System, readonly string[]>> = {
  linux: ['linux-unpacked/lockstep-desktop'],
  win: ['win-unpacked/Lockstep.exe', 'win-arm64-unpacked/Lockstep.exe'],
  mac: ['mac-universal/Lockstep.app'],
};

/** The one that can be started on this machine. */
export const packedExecutable: Readonly<Record<System, string>> = {
  linux: 'linux-unpacked/lockstep-desktop',
  win: process.arch === 'arm64' ? 'win-arm64-unpacked/Lockstep.exe' : 'win-unpacked/Lockstep.exe',
  mac: 'mac-universal/Lockstep.app/Contents/MacOS/Lockstep',
};
