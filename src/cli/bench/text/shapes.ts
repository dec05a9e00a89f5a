const repeated = (part: string) => (length: number) => part.repeat(Math.ceil(length / part.length)).slice(0, length);
const halves = (first: string, second: string) => (length: number) =>
  repeated(first)(length / 2) + repeated(second)(length / 2);
const between = (first: string, middle: string, last: string) => (length: number) =>
  first + repeated(middle)(length - first.length - last.length) + last;

/** Texts of any length that make a careless parser begin anew at each character, or look back over all of it. */
export const SHAPES: Readonly<Record<string, (length: number) => string>> = {
  letters: repeated('x'),
  words: repeated('a red fox, '),
  foxes: repeated('🦊'),
  'open brackets': repeated('('),
  'square brackets': repeated('['),
  'closing brackets': repeated(')'),
  'a bracket each letter': repeated('(a'),
  'nested brackets': halves('(a', 'b)'),
  'crossing brackets': (length) => '('.repeat(length / 4) + '['.repeat(length / 4) + 'a)'.repeat(length / 4),
  'weighted words': repeated('(a:1.2)[b]'),
  colons: repeated(':'),
  'letters and colons': repeated('a:'),
  'colons and spaces': repeated('a :  '),
  'a number without end': between('a AND b :', '1', 'x'),
  'points in a number': between('(a:', '1.', 'x)'),
  spaces: between('a', ' ', 'b'),
  'line breaks': between('a', '\n', 'b'),
  BREAK: repeated(' BREAK'),
  AND: repeated('a AND '),
  backslashes: repeated('\\'),
  'escaped brackets': repeated('\\('),
  'begun LoRAs': repeated('<lora:'),
  LoRAs: repeated('<lora:x:0.5>'),
  edits: repeated('[a:b:2]'),
  'nested edits': halves('[a:', ':3]'),
  alternations: repeated('[a|b]'),
  comments: repeated('# a\n'),
  entities: repeated('&amp;'),
  'numbered entities': repeated('&#38;'),
  'braces of choices': repeated('{a|'),
  'quoted values': repeated('key: "\\",'),
};
