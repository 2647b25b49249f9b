/**
 * Characters of a name or a text of somebody else that are not shown as they are: they steer a terminal, turn the direction of writing, or are not
 * seen at all, so that two names read alike. Not the joiners (U+200C, U+200D), without which Persian and emoji read otherwise.
 */
export const NOT_SHOWN =
  // oxlint-disable-next-line no-control-regex -- control characters are what it is there to find
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** JSON whose texts hold none of them as they are: who parses it reads the same. */
export function shownJson(json: string): string {
  return json.replace(NOT_SHOWN, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
