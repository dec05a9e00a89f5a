import { afterEach, expect, it, vi } from 'vitest';
import { said } from '../../core/errors';
import { documentOf } from '../../editor/document/document';
import type { Answer } from './messages';
import { connectReaders, readApart } from './read-apart';

const FILE = new Blob(['a file']);
const picture = { width: 2, height: 1, data: new Uint8ClampedArray(8).fill(255) };

const terminate = vi.fn();
afterEach(() => terminate.mockClear());

/** The worker gives this to whatever it is asked. */
function answerWith(data: unknown): void {
  connectReaders(() => {
    const worker = { terminate, postMessage: () => worker.onmessage?.({ data }), onmessage: undefined } as {
      onmessage?(event: { data: unknown }): void;
    };
    return worker as unknown as Worker;
  });
}
const value = (given: unknown) => answerWith({ ok: true, value: given } satisfies Answer);

it('gives what the readers give', async () => {
  value(picture);
  expect(await readApart('decodePicture', FILE, 'x.png')).toEqual(picture);
  const canvas = { document: documentOf(picture), masked: undefined, animated: false };
  value(structuredClone(canvas));
  expect(await readApart('readCanvas', FILE, 'x.png')).toEqual(canvas);
  value(undefined);
  expect(await readApart('readSettings', FILE)).toBeUndefined();
  // They clash, which the form says.
  const read = {
    request: { guidanceStart: 0.8, guidanceEnd: 0.2, maskBlur: undefined },
    ignored: ['Size: 7'],
    notes: [said`x`],
    model: 'y',
  };
  value(read);
  expect(await readApart('readSettings', FILE)).toEqual(read);
  expect(terminate).toHaveBeenCalledTimes(4);
});

it('throws what a reader throws', async () => {
  answerWith({ ok: false, error: { code: 'corrupt', said: said`${'x.png'} is damaged.` } });
  await expect(readApart('decodePicture', FILE, 'x.png')).rejects.toMatchObject({
    code: 'corrupt',
    message: 'x.png is damaged.',
  });
});

it.each([
  ['decodePicture', undefined, 'all of it'],
  ['decodePicture', { ok: 1 }, 'ok'],
  ['decodePicture', { ok: false, error: { code: 'odd', message: '' } }, 'error.code'],
  ['decodePicture', { ok: true, value: { ...picture, width: 0 } }, 'width'],
  ['decodePicture', { ok: true, value: { ...picture, height: 2 } }, 'all of it'],
  ['readCanvas', { ok: true, value: { document: { canvas: {} }, animated: false } }, 'document.canvas.x'],
  ['readSettings', { ok: true, value: { request: { steps: 'many' }, ignored: [] } }, 'request'],
  ['readSettings', { ok: true, value: { request: { stpes: 3 }, ignored: [] } }, 'request'],
] as const)('names the field of an answer of %s that is none: %j', async (reader, data, field) => {
  answerWith(data);
  const asked = reader === 'readSettings' ? readApart(reader, FILE) : readApart(reader, FILE, 'x.png');
  await expect(asked).rejects.toThrow(`What reads files gave an answer that is none (${field}). Reload the page.`);
  expect(terminate).toHaveBeenCalledOnce();
});
