/** From a `#` to the end of its line; what stood before it on other lines keeps a line break to the next. */
const WHOLE_LINE = /(^|\n)#[^\n]*(\n|$)/g;
const REST_OF_LINE = /#[^\n]*(\n|$)/g;

/** A prompt without its comments, as A1111 takes them out: `# note` hides itself up to the end of its line. */
export function withoutComments(prompt: string): string {
  if (!prompt.includes('#')) return prompt;
  return prompt.replace(WHOLE_LINE, '\n').replace(REST_OF_LINE, '\n');
}
