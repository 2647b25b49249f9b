import { answer, command, jsonOption } from '../command.ts';
import { ask } from '../reach.ts';
import { plain } from '../text.ts';

export const addresses = command({
  words: 'addresses',
  summary: 'where other installs may reach this one: what an invitation holds',
  options: jsonOption,
  async run({ values }, io) {
    const found = await ask(io, values, 'pairing.addresses', {});
    return answer(io, values, found, () =>
      found.addresses.length === 0
        ? 'It listens for no other install: “link” of config.json is not set.'
        : found.addresses.map(plain),
    );
  },
});
