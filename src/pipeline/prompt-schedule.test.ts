import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDirectory } from '../cli/directory';
import { trainedSigmas } from '../core/diffusion/noise-schedules';
import { sigmaAt } from '../core/diffusion/timesteps';
import { type GenerationRequest, parseRequest } from '../core/request/request';
import { loadModel } from '../model/running/load';
import type { PaintingModel } from '../model/running/painting-model';
import { chooseDevice } from '../model/runtime/device';
import { arithmetic } from './fixtures/models';
import { paint } from './generate';

const request = (fields: Partial<GenerationRequest>) =>
  parseRequest({ sampler: 'euler', steps: 6, seed: 7, width: 64, height: 64, ...fields });

describe('in pixels', () => {
  let model: PaintingModel;
  beforeAll(async () => {
    const folder = join(import.meta.dirname, '../model/fixtures/sd15/model');
    model = await loadModel(await openDirectory(folder), await chooseDevice('wasm', 2));
  });
  const painted = async (prompt: string, fields: Partial<GenerationRequest> = {}) =>
    (await paint(model, request({ steps: 3, cfgScale: 1, prompt, ...fields }))).rgb;

  it('editing at 0.0 is the second text and at 1.0 the first, bit for bit; halfway it is neither', async () => {
    const [cat, dog] = [await painted('cat'), await painted('dog')];
    expect(cat).not.toEqual(dog);
    expect(await painted('[cat:dog:0.0]')).toEqual(dog);
    expect(await painted('[cat:dog:1.0]')).toEqual(cat);
    const half = await painted('[cat:dog:0.5]');
    expect(half).not.toEqual(cat);
    expect(half).not.toEqual(dog);
  });

  it('works in the negative prompt, and a comment is no word', async () => {
    const plain = await painted('cat', { cfgScale: 3, negativePrompt: 'dog' });
    expect(await painted('cat# tail', { cfgScale: 3, negativePrompt: '[fish:dog:0]# note' })).toEqual(plain);
    expect(await painted('cat', { cfgScale: 3, negativePrompt: '[fish:dog:1]' })).not.toEqual(plain);
  });
});

describe('what the model reads at each of its calls', () => {
  /** A letter of the prompt a call, and of the negative prompt where there is one. */
  async function read(fields: Partial<GenerationRequest>): Promise<string[]> {
    const { model, calls } = arithmetic((prompt, sample) => sample.map(() => prompt / 1000));
    await paint(model, request({ cfgScale: 1, ...fields }));
    return calls.map(({ prompts }) => String.fromCharCode(...prompts));
  }

  it('the first text holds one call longer than it says, as in A1111', async () => {
    expect((await read({ prompt: '[a:b:2]' })).join('')).toBe('aaabbb');
    expect((await read({ prompt: '[a:b:0.5]' })).join('')).toBe('aaaabb');
    expect((await read({ prompt: '[a|b|c]' })).join('')).toBe('aabcab');
  });

  // Two calls a step but the last, which ends at no noise: 11, of the 12 that steps are counted in.
  it.each(['heun', 'dpm2', 'dpmpp_sde'] as const)('%s is counted in twice the steps', async (sampler) => {
    expect((await read({ sampler, prompt: '[a:b:3]' })).join('')).toBe('aaaabbbbbbb');
    expect((await read({ sampler, prompt: '[a:b:0.5]' })).join('')).toBe('aaaaaaabbbb');
  });

  it.each(['dpm_adaptive', 'rk45'] as const)(
    '%s has no fixed number: it goes by the share of log sigma',
    async (sampler) => {
      const { model, calls } = arithmetic((_, sample) => sample.map((v) => v / 2));
      await paint(model, request({ cfgScale: 1, sampler, prompt: '[a:b:0.5]', steps: 10 }));
      const table = trainedSigmas(model.info.scheduler);
      const logs = calls.map(({ timestep }) => Math.log(sigmaAt(table, timestep)));
      const [first, last] = [Math.max(...table.sigmas), Math.min(...table.sigmas)].map(Math.log);
      // The first text holds for its five tenths and one call longer, which is a tenth more.
      const changesAt = first + 0.6 * (last - first);
      // One at the very place goes either way.
      const told = calls.map(({ prompts: [prompt] }, i) => ({ prompt, log: logs[i] }));
      for (const { prompt, log } of told.filter(({ log }) => Math.abs(log - changesAt) > 0.01))
        expect(String.fromCharCode(prompt), `at log sigma ${log}`).toBe(log > changesAt ? 'a' : 'b');
      expect(new Set(calls.map(({ prompts: [prompt] }) => prompt)).size).toBe(2);
      expect(calls.length).not.toBe(10);
    },
  );

  it('parts joined by AND, and the negative prompt, each follow their own', async () => {
    const prompts = await read({ prompt: '[a:b:2] AND [c|d]', negativePrompt: '[e:f:4]', cfgScale: 3 });
    const [first, second, negative] = [0, 1, 2].map((k) => prompts.filter((_, i) => i % 3 === k).join(''));
    expect([first, second, negative]).toEqual(['aaabbb', 'ccdcdc', 'eeeeef']);
  });

  it('encodes each text once', async () => {
    const { model } = arithmetic((prompt, sample) => sample.map(() => prompt / 1000));
    let encoded = 0;
    const encodeText: PaintingModel['encodeText'] = (ids, skip) => {
      encoded++;
      return model.encodeText(ids, skip);
    };
    await paint({ ...model, encodeText }, request({ prompt: '[a|b] [c:a:3]', negativePrompt: 'a a', steps: 40 }));
    // "a c", "b c", "a a" and "b a"; the negative prompt is the third.
    expect(encoded).toBe(4);
  });
});
