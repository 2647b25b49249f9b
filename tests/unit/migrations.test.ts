import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../electron/engine/store/migrations/', import.meta.url));

/** Databases out there were made by these very words. What is to change is a migration of its own, with its line here. */
const landed: Readonly<Record<string, string>> = {
  '0001-initial.ts': '069ab8c7baf2fbb25a55f1a3054bc793009116a77daceeaf98624f6509df498f',
  '0002-targets.ts': '9f776cf7344d9f897e28c1a393084a771530daf6a9d68c91829a6b013a914345',
  '0003-releases-only.ts': 'b318697c4e43b30c580c047fd8ce4878ef1d16c11bfadc429ed0454f5dd71d9a',
  '0004-terms.ts': 'b167dba268371aee7f6574e51469a4a207f1a44c942e72daffe0cb8aaa90d590',
  '0005-by-path.ts': '21e62f46dfc9b1f69166136465f31ef31800629b447565ca993dfb5119a882b8',
  '0006-conditions.ts': 'edba8306623cf68418f8c166ba466931c4b02036f17bcbc23f41bf6bfbc2c3e1',
  '0007-publish-targets.ts': '7438c8dc048cc3b842a31b4adef33c563e0fec34a56338557454386651eb44c0',
  '0008-farewells.ts': '03c0ee3cb9347e2d30c623908396176815f40fa0fcf86a5809e40b72fc26c8b0',
  '0009-drift.ts': 'fa152d6ef42de03b2baa4e3c8c4311edae7a503f5dcd43429f7faf829ace19a7',
  '0010-root-mark.ts': 'ab0ed064bbf36b3a5b449ab05b0a409de52c2467f2d14efdada0f8fc422f7800',
  '0011-flush-failed.ts': '6a8c553e21ed76e1d22b528cf37957a18b544035abec0533b588e1c7d1033496',
  '0012-hooks.ts': '116cf22d471aa5d45a6772a9aaffb66065f75a68e45a7df43e1ee63bc08bafd9',
  '0013-pairings.ts': '1b5cf31cceca5756685e159ff2baa79184f373befa61fb2b2d3646f8c6431280',
  '0014-former-journals.ts': '3c7e6dfc0ab72a9101e739638539799dc7a66e740f6a90a8e74697d638204c2a',
  '0015-seen.ts': '5195e4de990924e32d5614665c7a7b4b193e474523f0f7424a7f97b605565afb',
  '0016-boot.ts': 'c7e7c59a01958e2fede5fa8a4fec89969a10ed24230fe3bb9f3a690306f22880',
  '0017-untold.ts': '2b6100a14102bf4db4bddab58289e6d8f0440de5624ec189497c13112cc9cdab',
  '0018-renames.ts': 'dfc7d44fd37fe0241887872a583188264274d590946198508071c59d37d723f3',
  '0019-compared.ts': '9771d8a1acf8ae378ab6e326b0a09a01bbcc403d32ed2aa914ce05d0cec9aa3b',
  '0020-unfit.ts': '2c520432351e2d0c8528a369f0851d27c4dccf1fc3e7073d935fef8504eb79c2',
  '0021-retried.ts': '429bad37fdfebac948396cc0f1d7474f79e31c03c4c7098bcd210caf2f263e92',
  '0022-drops.ts': '9be4cf9c2623239564f5a4bfd588bc2f316fb33416325d32483d82e0be6d3e9a',
  '0023-former-peers.ts': 'b8c1f9b0b8e4e950ae5c932c4a726df62aec5c68673f524ccb3e1ae5736c9a27',
  '0024-known-to.ts': 'c6d18935632cf71c16303f75dda76270035a713b671de9259939dea82254d12f',
  '0025-gone-on.ts': '4654c6ea3cd0c28bae7198630c534802e9c94673d368c18c6b14092fb0fa60e9',
  '0026-looked-at.ts': 'a829995cae91c777852ddaa6d8984246012336eb1541d12905644277fb8f9284',
  '0027-opened-as.ts': 'dec413b824e83bae2cf80195fbe1450cf1639700decbcbcc89bc0de275fadbbc',
  '0028-open-drops.ts': 'd33613f520b19f62a024bf63279dfbccfd4c35a6614933aadca650aae6d228f6',
  '0029-disks.ts': '0c01842578ba9b50a715b4ff278d7e66c0216dfed8eae1b7ea77b628889c5a5d',
};

test('no migration was edited since it landed', () => {
  const sha256 = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n'))
      .digest('hex');
  expect(Object.fromEntries(readdirSync(folder).map((name) => [name, sha256(name)]))).toEqual(landed);
});
