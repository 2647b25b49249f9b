/**
 * The URLs of a `srcset` or `imagesrcset` attribute.
 * HTML Standard §4.8.4.3.10 "parse a srcset attribute": a URL may hold commas (`data:`), and a candidate whose descriptors are wrong is left out.
 */
export function* parseSrcset(input: string): Generator<string> {
  let position = 0;
  while (true) {
    position = endOf(SEPARATORS, input, position);
    if (position >= input.length) return;
    const start = position;
    position = endOf(NOT_SPACE, input, position);
    const url = input.slice(start, position);
    const bare = withoutTrailingCommas(url);
    if (bare.length < url.length) {
      yield bare;
      continue;
    }
    const end = endOfDescriptors(input, position);
    if (areValid(input.slice(position, end))) yield url;
    position = end;
  }
}

/** Where the comma stands that ends this candidate; commas in parentheses do not. */
function endOfDescriptors(input: string, from: number): number {
  let inParentheses = false;
  for (let position = from; position < input.length; position++) {
    const character = input[position];
    if (inParentheses) inParentheses = character !== ')';
    else if (character === '(') inParentheses = true;
    else if (character === ',') return position;
  }
  return input.length;
}

function areValid(descriptors: string): boolean {
  let width = false;
  let density = false;
  let height = false;
  for (const descriptor of descriptors.split(SPACES)) {
    if (descriptor === '') continue;
    if (INTEGER_W.test(descriptor) && !width && !density) width = true;
    else if (NUMBER_X.test(descriptor) && !width && !density && !height) density = true;
    else if (INTEGER_H.test(descriptor) && !height && !density) height = true;
    else return false;
  }
  return !height || width;
}

/** Not a regular expression: `/,+$/` takes quadratic time on a run of commas that does not end the text. */
function withoutTrailingCommas(url: string): string {
  let end = url.length;
  while (end > 0 && url[end - 1] === ',') end--;
  return url.slice(0, end);
}

function endOf(run: RegExp, input: string, from: number): number {
  run.lastIndex = from;
  return run.test(input) ? run.lastIndex : from;
}

const SEPARATORS = /[\t\n\f\r ,]+/y;
const NOT_SPACE = /[^\t\n\f\r ]+/y;
const SPACES = /[\t\n\f\r ]+/;
const INTEGER_W = /^0*[1-9]\d*w$/;
const INTEGER_H = /^0*[1-9]\d*h$/;
const NUMBER_X = /^(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?x$/i;
