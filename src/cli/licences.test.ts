import type { Rolldown } from 'vite';
import { expect, it } from 'vitest';
import { licences } from './licences';

/** What a build carries, by its modules; what it lays beside the page. */
function built(page: readonly string[], worker: readonly string[]): string {
  const plugins = licences();
  let laid = '';
  const context = { emitFile: ({ source }: { source: string }) => (laid = source) };
  const carry = (plugin: typeof plugins.page, modules: readonly string[]) =>
    (plugin.generateBundle as (...args: unknown[]) => void).call(
      context,
      {},
      {
        'a.js': { type: 'chunk', moduleIds: modules } as unknown as Rolldown.OutputChunk,
        'a.css': { type: 'asset' },
      },
    );
  carry(plugins.worker, worker);
  carry(plugins.page, page);
  return laid;
}

const module = (path: string) => `/somewhere/node_modules/${path}`;

it('names each package of the page and of its worker once, with its text and what it holds of others', () => {
  const text = built(
    [module('react/index.js'), module('react/jsx-runtime.js'), '/somewhere/src/main.tsx', '\0virtual'],
    [module('@xenova/transformers/dist/transformers.web.js'), module('onnxruntime-web/dist/ort.jspi.bundle.min.mjs')],
  );
  const heads = text.match(/^==== .*$/gm)?.map((head) => head.split(' ')[1]);
  expect(heads).toEqual([
    '@huggingface/jinja',
    '@huggingface/tokenizers',
    '@huggingface/transformers',
    'onnxruntime-web',
    'react',
  ]);
  for (const holder of ['Meta Platforms', 'Copyright (c) Microsoft Corporation', 'Apache License', 'protobuf'])
    expect(text).toContain(holder);
});

it('does not build a page of a package without a licence', () => {
  // Comes without a text of its own, and is not shipped.
  expect(() => built([module('guid-typescript/dist/guid.js')], [])).toThrow('guid-typescript has no licence text');
});
