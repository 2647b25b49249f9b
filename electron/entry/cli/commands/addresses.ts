import { answer, command, jsonOption } from '../command.ts';
import { ask } from '../reach.ts';
import { plain } from '../text.ts';

export const addresses = command({
  words: 'addresses',
  summary: 'the addresses at which other installs can reach this one, as in a pairing code',
  options: jsonOption,
  async run({ values }, io) {
    const found = await ask(io, values, 'pairing.addresses', {});
    return answer(io, values, found, () =>
      found.addresses.length === 0
        ? 'This install does not listen for others: “link” is not set in config.json.'
        : found.addresses.map(plain),
    );
  },
});
