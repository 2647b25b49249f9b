import { command, EXIT, jsonOption } from '../command.ts';
import { withEngine } from '../reach.ts';
import { plain } from '../text.ts';
import { dataFolder } from '../values.ts';

export const addresses = command({
  words: 'addresses',
  summary: 'where other installs may reach this one: what an invitation holds',
  options: jsonOption,
  async run({ values }, io) {
    const found = await withEngine(dataFolder(values.data, io), (engine) => engine.call('pairing.addresses', {}));
    if (values.json) io.out(JSON.stringify(found));
    else if (found.addresses.length === 0) io.out('It listens for no other install: “link” of config.json is not set.');
    else for (const address of found.addresses) io.out(plain(address));
    return EXIT.done;
  },
});
