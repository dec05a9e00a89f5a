import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { texts } from '../texts/start';
import { withWords } from './page-words';

const ROOT = join(import.meta.dirname, '../..');

it('gives index.html all its words from the table: it has none of its own', () => {
  const own = readFileSync(join(ROOT, 'index.html'), 'utf8');
  const shown = (html: string) =>
    html
      .replace(/<!--[\s\S]*?-->|<(script|style)[\s\S]*?<\/\1>/g, '')
      .replace(/<meta (?:name="(?!description)|property="og:type)[^>]*>/g, '');
  const words = (html: string) =>
    shown(html).match(/(?<=>)[^<>]*\p{L}[^<>]*(?=<)|(?<=(?:description|title)" content=")[^"]*/gu);
  expect(words(own)?.map((text) => text.trim())).toEqual([
    '{{description}}',
    '{{title}}',
    '{{description}}',
    '{{title}}',
    '{{notStarted}}',
    '{{noScript}}',
  ]);
  const filled = withWords(own);
  expect(filled).not.toContain('{{');
  expect(filled).toContain(`<title>${texts.name}</title>`);
  expect(filled).toContain(`content="${texts.description}"`);
  expect(filled).toContain('all of the folder <code>dist</code> must be there, and <code>.js</code> files');
  expect(() => withWords('{{subtitle}}')).toThrow('index.html asks for {{subtitle}}');
});
