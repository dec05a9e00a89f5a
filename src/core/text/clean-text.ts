/**
 * CLIP's own cleaning of text, before its words are split: what `ftfy.fix_text` (6.3) does with the glitches of copied
 * text. OpenAI's tokenizer calls it, and so does transformers' CLIPTokenizer where it is installed, as it always is in
 * A1111 (open_clip needs it). Curly quotes become straight ones, full width letters plain ones, ligatures their
 * letters, HTML entities their characters; control characters go. Not done: its guesses at text that was decoded
 * wrongly ("Ã©" for "é"), and the names of HTML entities beyond the usual ones.
 */
export function cleanText(text: string): string {
  // Most prompts have nothing to clean. An ampersand may begin an entity.
  if (PLAIN.test(text)) return text;
  // A tag in a line means that entities are written on purpose, from there on.
  const tag = text.indexOf('<');
  const start = tag === -1 ? text.length : text.lastIndexOf('\n', tag) + 1;
  return mended(unescaped(text.slice(0, start)) + text.slice(start));
}

const PLAIN = /^[\t\n -%'-~]*$/;

/** Entities may lie within entities; ftfy goes on to the end. */
const MAX_NESTING = 4;

function unescaped(text: string): string {
  let [before, after] = ['', text];
  for (let round = 0; round < MAX_NESTING && after !== before; round++) {
    before = after;
    after = before.replace(AMPERSANDS, '&').replace(ENTITY, characterOf);
  }
  return after;
}

/** `&amp;amp;` at once, however deep. */
const AMPERSANDS = /&(?:amp;)+/g;
const ENTITY = /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|([a-z]+));/g;

const NAMED: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  laquo: '«',
  raquo: '»',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  copy: '©',
  reg: '®',
  trade: '™',
  deg: '°',
  times: '×',
};

function characterOf(entity: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return Object.hasOwn(NAMED, name) ? NAMED[name] : entity;
  const code = decimal ? Number(decimal) : Number.parseInt(hex ?? '', 16);
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
  return isCharacter ? String.fromCodePoint(code) : UNKNOWN;
}

const UNKNOWN = '\ufffd';

const LIGATURES: Readonly<Record<string, string>> = {
  Ĳ: 'IJ',
  ĳ: 'ij',
  ŉ: 'ʼn',
  Ǳ: 'DZ',
  ǲ: 'Dz',
  ǳ: 'dz',
  Ǆ: 'DŽ',
  ǅ: 'Dž',
  ǆ: 'dž',
  Ǉ: 'LJ',
  ǈ: 'Lj',
  ǉ: 'lj',
  Ǌ: 'NJ',
  ǋ: 'Nj',
  ǌ: 'nj',
  ﬀ: 'ff',
  ﬁ: 'fi',
  ﬂ: 'fl',
  ﬃ: 'ffi',
  ﬄ: 'ffl',
  ﬅ: 'ſt',
  ﬆ: 'st',
};
const LIGATURE = new RegExp(`[${Object.keys(LIGATURES).join('')}]`, 'g');

const WIDTH_FORM = /[\uff01-\uffef]/g;
const [SINGLE_QUOTE, DOUBLE_QUOTE] = [/[\u02bc\u2018-\u201b]/g, /[\u201c-\u201f]/g];
const ESCAPE = '\u001b';
const TERMINAL_ESCAPE = new RegExp(`${ESCAPE}\\[[\\d;]*[a-zA-Z]`, 'g');
/** Of ASCII all but white space, deprecated ones of Arabic, the byte order mark, annotations. */
const CONTROL = /(?![\t\n\f\r\u0080-\u009f])\p{Cc}|[\u206a-\u206f\ufeff\ufff9-\ufffc]/gu;
const C1_CONTROL = /[\u0080-\u009f]/g;
/** What Windows has in their place (windows-1252): text of it was taken for Latin-1. */
const OF_WINDOWS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** In ftfy's order: what one step makes, such as an apostrophe out of a digraph, a later one sees. */
function mended(text: string): string {
  return text
    .replace(C1_CONTROL, (c) => OF_WINDOWS[c.charCodeAt(0) - 0x80])
    .replace(LIGATURE, (c) => LIGATURES[c])
    .replaceAll('\u3000', ' ')
    .replace(WIDTH_FORM, (c) => c.normalize('NFKC'))
    .replace(SINGLE_QUOTE, "'")
    .replace(DOUBLE_QUOTE, '"')
    .replace(/[\u2028\u2029]/g, '\n')
    .replace(/\p{Surrogate}/gu, UNKNOWN)
    .replace(TERMINAL_ESCAPE, '')
    .replace(CONTROL, '')
    .normalize('NFC');
}
