import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseCsv, writeCsv } from './csv';

it('reads fields in quotes, line breaks within them, all line ends, and no empty lines', () => {
  const text = '\uFEFFname,text\r\na, "b, ""c""\nd"\n\n"e",\r\rf,g';
  expect(parseCsv(text)).toEqual([['name', 'text'], ['a', 'b, "c"\nd'], ['e', ''], ['f', 'g']]); // biome-ignore format: one line
});

it('reads what it wrote', () => {
  const field = fc.string().map((text) => text.trimStart());
  const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 5 });
  fc.assert(fc.property(rows, (written) => void expect(parseCsv(writeCsv(written))).toEqual(written)));
  expect(writeCsv([['a', 'b,c', 'say "x"', '']])).toBe('a,"b,c","say ""x""",\r\n');
});

it('says in which line a quote is never closed', () => {
  expect(() => parseCsv('a,b\nc,"d\ne')).toThrow('A quote in line 2 is never closed.');
});
