import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DEFAULT_REQUEST } from '../core/request/request';
import type { Lora } from '../model/weights/lora';
import type { Embedding } from '../model/weights/textual-inversion';
import { hashesOf } from './file-hashes';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-hashes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A safetensors file of no tensors: the length of its header, the header, and some bytes. */
function written(name: string, header: object, tensors: string) {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const bytes = Buffer.concat([length, text, Buffer.from(tensors)]);
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return { path, whole: sha256(bytes), afterHeader: sha256(Buffer.from(tensors)) };
}

it('of a command are those of the model’s file, the LoRAs and the embeddings that the prompts name', async () => {
  const model = written('model.safetensors', {}, 'weights');
  const ink = written('ink.safetensors', { __metadata__: { ss_output_name: 'ink' } }, 'up and down');
  const said = written('said.safetensors', {}, 'another');
  const unused = written('unused.safetensors', {}, 'unused');
  const word = written('moss.safetensors', {}, 'a word');
  const lora = { hash: undefined } as unknown as Lora;
  const known = {
    loras: [
      { name: 'ink', lora, path: ink.path },
      { name: 'said', lora: { hash: 'said by its header' } as unknown as Lora, path: said.path },
      { name: 'unused', lora, path: unused.path },
    ],
    embeddings: [
      { word: 'moss', embedding: {} as Embedding, path: word.path },
      { word: 'fern', embedding: {} as Embedding, path: unused.path },
    ],
  };
  const prompt = 'a moss fox <lora:ink:1> <lora:said:0.5>';
  expect(await hashesOf(model.path, known, { ...DEFAULT_REQUEST, prompt })).toEqual({
    model: model.whole,
    loras: [
      ['ink', ink.afterHeader],
      ['said', 'said by its header'],
    ],
    embeddings: [['moss', word.whole]],
    vaes: [],
  });
  expect(await hashesOf(folder, known, { ...DEFAULT_REQUEST, prompt: 'a fox' })).toEqual({
    model: undefined,
    loras: [],
    embeddings: [],
    vaes: [],
  });
});
