import { textSchedule } from '../../core/text/schedule';
import type { Checker } from './golden';

/** f_prompt_schedules.json: the texts of a prompt that changes, and the last step of each. */
export const checkPromptSchedule: Checker = ({ prompt, steps, hires_steps, schedule }) => {
  const actual = textSchedule(
    String(prompt),
    Number(steps),
    hires_steps === undefined ? undefined : Number(hires_steps),
  );
  const expected = schedule as [until: number, text: string][];
  return [
    {
      field: 'last steps',
      actual: actual.map(({ until }) => until),
      expected: expected.map(([until]) => until),
      tolerance: 0,
    },
    {
      field: 'texts',
      actual: codeUnits(actual.map(({ text }) => text)),
      expected: codeUnits(expected.map(([, text]) => text)),
      tolerance: 0,
    },
  ];
};

/** Texts as numbers, each behind its length. */
const codeUnits = (texts: readonly string[]): number[] =>
  texts.flatMap((text) => [text.length, ...text.split('').map((unit) => unit.charCodeAt(0))]);
