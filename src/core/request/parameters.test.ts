import { readFileSync } from 'node:fs';
import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { version } from '../../../package.json';
import { SAMPLERS, type SamplerId, samplerEntry } from '../diffusion/samplers/index';
import { STEP_SCHEDULES } from '../diffusion/step-schedules/index';
import { crc32, type Inflate, readText, withText } from '../image/png-chunks';
import { fieldDefault } from './applicable';
import { FIELDS, fieldNames, type NumberName } from './fields';
import { readParameters, splitParameters, writeParameters } from './parameters';
import { DEFAULT_REQUEST, type GenerationRequest, parseRequest } from './request';

/**
 * Numbers that say something by themselves, and are left out until they are set; those of a second pass and of
 * variations stand in `hires-text.test.ts`.
 */
const OPTIONAL_NUMBERS = fieldNames(
  ({ kind, required, group = '' }) =>
    kind === 'number' && !required && !/^(picture|hires|sd-upscale|variation)/.test(group),
) as NumberName[];

const request = {
  ...DEFAULT_REQUEST,
  prompt: 'a fox, (red:1.2)',
  negativePrompt: 'blurry\nlow',
  seed: 7,
  width: 256,
  height: 320,
};

describe('A1111 parameters text', () => {
  it('is written in A1111’s order', () => {
    expect(writeParameters(request, { model: 'Easel Starter', schedule: 'karras' })).toBe(
      'a fox, (red:1.2)\nNegative prompt: blurry\nlow\n' +
        'Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 7, Size: 256x320, Model: Easel Starter, RNG: CPU, Version: Easel ' +
        version,
    );
  });

  it('says the hashes of the files where A1111 does, and as many digits (ux 27)', () => {
    const hash = (digit: string) => digit.repeat(64);
    const using = { ...request, prompt: 'a fox <lora:ink:1> <lora:o,il:0.5>', negativePrompt: 'easynegative' };
    const text = writeParameters(using, {
      model: 'v1-5',
      schedule: 'karras',
      hashes: { model: hash('a'), loras: [['ink', hash('b')], ['o,il', hash('c')]], embeddings: [['EasyNegative', hash('d')]], vaes: [['anime', hash('e')]] },
    }); // biome-ignore format: one thought
    expect(text).toContain('Size: 256x320, Model hash: aaaaaaaaaa, Model: v1-5, RNG: CPU');
    expect(text).toContain(
      ', RNG: CPU, Lora hashes: "ink: bbbbbbbbbbbb, oil: cccccccccccc", TI hashes: "EasyNegative: dddddddddddd", Version: ',
    );
    expect(readParameters(text)).toMatchObject({
      model: 'v1-5',
      modelHash: 'aaaaaaaaaa',
      loraHashes: [['ink', 'bbbbbbbbbbbb'], ['oil', 'cccccccccccc']],
      ignored: [],
    }); // biome-ignore format: one thought
    const without = writeParameters(request, {
      model: 'm',
      schedule: 'karras',
      hashes: { loras: [], embeddings: [], vaes: [] },
    });
    expect(without).not.toContain('hash');
  });

  it('says the VAE’s file and its hash behind the model, where A1111 does, and reads them', () => {
    const vaes = [['anime.vae', 'E'.repeat(64)]] as const;
    const facts = { model: 'v1-5', schedule: 'karras', hashes: { loras: [], embeddings: [], vaes } } as const;
    const text = writeParameters(request, { ...facts, vae: 'anime.vae.pt' });
    expect(text).toContain('Size: 256x320, Model: v1-5, VAE hash: EEEEEEEEEE, VAE: anime.vae.pt, RNG: CPU');
    expect(readParameters(text)).toMatchObject({ vae: 'anime.vae.pt', vaeHash: 'eeeeeeeeee', ignored: [] });
    // One that is known stays unsaid where the model's own decoded.
    expect(writeParameters(request, facts)).not.toContain('VAE');
  });

  it('takes a VAE’s hash alone for its name, and words that mean none for nothing', () => {
    const read = (vae: string) => readParameters(`a fox\nSteps: 5, Sampler: Euler, Seed: 1, ${vae}`);
    expect(read('VAE hash: 63AEECB90F')).toMatchObject({ vae: '63AEECB90F', vaeHash: '63aeecb90f', ignored: [] });
    for (const word of ['None', 'Automatic', 'Default (model)']) {
      expect(read(`VAE: ${word}`)).not.toHaveProperty('vae');
      expect(read(`VAE: ${word}`).ignored).toEqual([`VAE: ${word}`]);
    }
  });

  it('comes back as it was written', () => {
    const { request: read, ignored } = readParameters(
      writeParameters(request, { model: 'm, with: signs', schedule: 'karras' }),
    );
    expect(ignored).toEqual([]);
    expect({ ...request, ...read }).toEqual({ ...request, schedule: 'karras', noiseSource: 'cpu' });
  });

  it('reads a text of A1111 1.10', () => {
    const { request: read } = readParameters(
      'a cat\nSteps: 20, Sampler: Euler a, Schedule type: Uniform, CFG scale: 7.5, Seed: 965400086, Size: 512x768, Model hash: 6ce0161689, Model: v1-5, Version: v1.10.1',
    );
    expect(read).toMatchObject({
      prompt: 'a cat',
      negativePrompt: '',
      sampler: 'euler_a',
      schedule: 'uniform',
      cfgScale: 7.5,
      seed: 965400086,
      width: 512,
      height: 768,
    });
  });

  it('states clip skip after the model, and only where a layer is skipped', () => {
    const text = (clipSkip: number) => writeParameters({ ...request, clipSkip }, { model: 'm', schedule: 'karras' });
    expect(text(2)).toContain('Model: m, Clip skip: 2, RNG: CPU');
    expect(text(1)).not.toContain('Clip skip');
    expect(readParameters(text(2)).request.clipSkip).toBe(2);
  });

  it('reads names from before 1.9, where the schedule was part of the sampler’s', () => {
    const { request: read } = readParameters(
      'x\nSteps: 5, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 1, Size: 64x64',
    );
    expect(read).toMatchObject({ sampler: 'dpmpp_2m', schedule: 'karras' });
    const { request: longer } = readParameters('x\nSteps: 5, Sampler: Euler SGM Uniform, CFG scale: 7, Seed: 1');
    expect(longer).toMatchObject({ sampler: 'euler', schedule: 'sgm_uniform' });
  });

  it.each(Object.entries(STEP_SCHEDULES).filter(([id]) => id !== 'automatic'))(
    'reads the schedule %s',
    (id, { label }) => {
      const { request: read } = readParameters(`x\nSteps: 5, Sampler: Euler, Schedule type: ${label}, CFG scale: 7`);
      expect(read.schedule).toBe(id);
    },
  );

  it('refuses a prompt that is too long by its name, and shows the beginning of a long value', () => {
    const long = 'x'.repeat(100_001);
    expect(() => readParameters(long)).toThrow(
      'Prompt must have 100,000 characters at most; it has 100,001. Shorten it.',
    );
    expect(() => readParameters(`a\nNegative prompt: ${long}`)).toThrow(
      'Negative prompt must have 100,000 characters at most; it has 100,001.',
    );
    expect(() => parseRequest({ negativePrompt: long })).toThrow(
      'Negative prompt must have 100,000 characters at most; it has 100,001.',
    );
    expect(readParameters(`a\nSteps: 2, Seed: 1, Sampler: ${long}`).ignored).toEqual([`Sampler: ${'x'.repeat(91)}…`]);
  });

  it('reads eta by the key that A1111 once had for DDIM', () => {
    const line = 'x\nSteps: 5, Sampler: DDIM, Seed: 1';
    expect(readParameters(`${line}, Eta DDIM: 0.5`).request.eta).toBe(0.5);
    expect(readParameters(`${line}, Eta: 0.25, Eta DDIM: 0.5`).request.eta).toBe(0.25);
  });

  it('names what Easel does not have', () => {
    const { request: read, ignored } = readParameters(
      'x\nSteps: 9000, Sampler: Magic, CFG scale: 7, Seed: 1, Size: 64x64',
    );
    expect(ignored).toEqual(['Steps: 9000', 'Sampler: Magic']);
    expect(read.steps).toBeUndefined();
  });

  it('finds the pairs that A1111’s pattern finds', () => {
    // `re_param_code` of A1111's modules/infotext_utils.py, with its alternatives for quoted and plain values.
    const pattern = /\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)/g;
    const parts = [
      'Steps',
      'CFG scale',
      ': ',
      ':',
      ', ',
      ',',
      '"',
      '\\"',
      '\\',
      '"x, y"',
      '-',
      '/',
      ' ',
      '\t',
      '1',
      'é',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 24 }), (chosen) => {
        const line = `aa: 1, bb: 2, cc: 3,${chosen.join('')}`;
        const expected = [...line.trim().matchAll(pattern)].map(([, key]) => key);
        expect([...splitParameters(line).values.keys()]).toEqual([...new Set(expected)]);
      }),
      { numRuns: 1000 },
    );
  });

  it('takes a last line with fewer than three pairs for prompt text', () => {
    expect(splitParameters('a sign: open, yes').prompt).toBe('a sign: open, yes');
  });
});

describe('a frozen text', () => {
  // Written by version 0.1.0 before the settings were one table: every field at several values, and many together.
  // The last three, with a VAE, are put together by hand in the order of A1111's `create_infotext`.
  const frozen = readFileSync(new URL('./fixtures/texts.jsonl', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');

  it('of every setting is written byte for byte as it was, and read as it was', () => {
    expect(frozen.length).toBe(258);
    for (const line of frozen) {
      const { request: changes, facts, text, read } = JSON.parse(line);
      const written = writeParameters(
        { ...DEFAULT_REQUEST, seed: 7, ...changes },
        { model: 'm', schedule: 'karras', ...facts },
      );
      expect(written).toBe(text.replace('Easel VERSION', `Easel ${version}`));
      const { prompt = '', negativePrompt = '' } = changes;
      const { request, ignored } = readParameters(written);
      expect({ request, ignored }).toEqual({ request: { prompt, negativePrompt, ...read }, ignored: [] });
    }
  });
});

describe('PNG text', () => {
  const inflate: Inflate = async (bytes, atMost) => {
    const unpacked = new Uint8Array(inflateSync(bytes));
    return unpacked.length > atMost ? undefined : unpacked;
  };
  const png = encode({ width: 2, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 6) });

  it.each(['plain text', 'naïve café', '東京 ☕\nsecond line'])('keeps "%s"', async (text) => {
    expect(await readText(withText(png, 'parameters', text), 'parameters', inflate)).toBe(text);
  });

  it('reads the last text of a keyword, unpacks no other, and refuses what is too much', async () => {
    const never = () => Promise.reject(new Error('unpacked'));
    const packed = (keyword: string, text: Uint8Array) => {
      const body = Buffer.concat([Buffer.from(`zTXt${keyword}\0\0`, 'latin1'), deflateSync(text)]);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(body.length - 4);
      return Buffer.concat([png.subarray(0, 33), length, body, Buffer.alloc(4), png.subarray(33)]);
    };
    expect(await readText(withText(packed('other', Buffer.from('x')), 'a', 'b'), 'a', never)).toBe('b');
    expect(await readText(withText(withText(png, 'a', 'b'), 'a', 'c'), 'a', never)).toBe('c');
    expect(await readText(packed('a', Buffer.from('b')), 'a', inflate)).toBe('b');
    expect(await readText(png, 'a', never)).toBeUndefined();
    const bomb = packed('a', Buffer.alloc(17 * 2 ** 20));
    await expect(readText(bomb, 'a', inflate)).rejects.toThrow(/"a" in the PNG file unpacks to more than 16 MB/);
    const long = withText(png, 'a', 'x'.repeat(1_000_001));
    await expect(readText(long, 'a', inflate)).rejects.toThrow(/has 1.0 MB, and Easel reads settings of up to 1 MB/);
  });

  it('computes the CRC of the specification’s check value', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });

  it('refuses what is no PNG and what is cut short', async () => {
    await expect(readText(Uint8Array.of(1, 2, 3), 'a', inflate)).rejects.toThrow(/not a PNG/);
    await expect(readText(withText(png, 'a', 'b').subarray(0, 45), 'a', inflate)).rejects.toThrow(/cut short/);
  });
});

describe('every option', () => {
  /** A request of any sampler, with any of its options set to any value they may have. */
  const anyRequest = fc
    .record({
      sampler: fc.constantFrom(...(Object.keys(SAMPLERS) as SamplerId[])),
      numbers: fc.record(
        Object.fromEntries(
          OPTIONAL_NUMBERS.map((name) => {
            const { min, max, integer } = FIELDS[name];
            return [name, integer ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true })];
          }),
        ),
        { requiredKeys: [] },
      ),
      noiseSource: fc.constantFrom('cpu' as const, 'nv' as const),
      flags: fc.record({ discardPenultimate: fc.boolean(), quantise: fc.boolean() }, { requiredKeys: [] }),
    })
    .map(({ sampler, numbers, noiseSource, flags }): GenerationRequest => {
      const { options } = samplerEntry(sampler);
      const read = Object.entries(numbers).filter(
        ([name]) => name in options || FIELDS[name as NumberName].appliesTo !== 'sampler-option',
      );
      return {
        ...request,
        schedule: 'automatic' as const,
        sampler,
        noiseSource,
        ...flags,
        ...Object.fromEntries(read),
      };
    });

  it('comes back from the text as it was written', () => {
    fc.assert(
      fc.property(anyRequest, (written) => {
        const text = writeParameters(written, { model: 'm', schedule: 'karras' });
        const { request: read, ignored } = readParameters(text);
        expect(ignored).toEqual([]);
        for (const name of OPTIONAL_NUMBERS)
          expect(read[name], name).toBe(written[name] === fieldDefault(name, written) ? undefined : written[name]);
        expect(read.noiseSource).toBe(written.noiseSource);
        expect(read.discardPenultimate).toBe(written.discardPenultimate);
        expect(read.quantise).toBe(written.quantise);
      }),
    );
  });

  it('of A1111 on an NVIDIA GPU, which writes no RNG, means CUDA’s noise', () => {
    const line = 'x\nSteps: 5, Sampler: Euler a, Seed: 1, ENSD: 31337';
    expect(readParameters(`${line}, Version: v1.10.1`).request).toMatchObject({
      noiseSource: 'nv',
      etaNoiseSeedDelta: 31337,
    });
    expect(readParameters(`${line}, RNG: CPU, Version: v1.10.1`).request.noiseSource).toBe('cpu');
    expect(readParameters(line).request.noiseSource).toBeUndefined();
  });
});

describe('a given picture', () => {
  const facts = { model: 'm', schedule: 'karras' as const };

  it('is described in A1111’s words and order', () => {
    const masked = writeParameters(
      { ...request, prompt: 'a', negativePrompt: '', inpaintArea: 'only-masked', maskedContent: 'latent-noise' },
      { ...facts, given: 'picture-and-mask' },
    );
    expect(masked).toContain(
      'Model: m, Denoising strength: 0.75, RNG: CPU, Mask blur: 4, Inpaint area: Only masked, Masked area padding: 32, Masked content: latent noise, Version',
    );
    const plain = writeParameters({ ...request, denoisingStrength: 0.4 }, { ...facts, given: 'picture' });
    expect(plain).toContain('Model: m, Denoising strength: 0.4, RNG: CPU, Version');
  });

  it('reads what A1111 1.10 wrote', () => {
    const { request: read, ignored } = readParameters(
      'a\nSteps: 20, Sampler: Euler a, Schedule type: Automatic, CFG scale: 7, Seed: 1, Size: 512x512, Model: v1-5, Denoising strength: 0.6, Mask mode: Inpaint not masked, Mask blur: 8, Inpaint area: Only masked, Masked area padding: 64, Masked content: fill, Version: v1.10.1',
    );
    expect(ignored).toEqual([]);
    expect(read).toMatchObject({
      denoisingStrength: 0.6,
      maskMode: 'not-masked',
      maskBlur: 8,
      inpaintArea: 'only-masked',
      inpaintPadding: 64,
      maskedContent: 'fill',
    });
  });

  const fields = fc.record({
    denoisingStrength: fc.double({ min: 0, max: 1, noNaN: true }),
    resizeMode: fc.constantFrom(...FIELDS.resizeMode.choices.map(({ value }) => value)),
    posterior: fc.constantFrom('mean' as const, 'sample' as const),
    exactSteps: fc.boolean(),
  });
  const maskFields = fc.record({
    maskBlur: fc.integer({ min: 1, max: 64 }),
    inpaintPadding: fc.integer({ min: 0, max: 256 }),
    maskMode: fc.constantFrom('masked' as const, 'not-masked' as const),
    maskedContent: fc.constantFrom(...FIELDS.maskedContent.choices.map(({ value }) => value)),
    inpaintArea: fc.constantFrom('whole' as const, 'only-masked' as const),
    inpaintWay: fc.constantFrom('a1111' as const, 'diffusers' as const),
    softMask: fc.boolean(),
  });
  /** What a text leaves out is a default, as it is in the form. */
  const filled = (read: Partial<GenerationRequest>) =>
    Object.fromEntries(
      fieldNames(({ group }) => group?.startsWith('picture') ?? false).map((name) => [
        name,
        read[name] ?? FIELDS[name].default,
      ]),
    );

  it('comes back with every field as it was written', () => {
    fc.assert(
      fc.property(fields, maskFields, (own, masks) => {
        const written = { ...request, ...own, ...masks };
        const { request: read, ignored } = readParameters(
          writeParameters(written, { ...facts, given: 'picture-and-mask' }),
        );
        expect(ignored).toEqual([]);
        // The padding is said only where it matters.
        const inpaintPadding = masks.inpaintArea === 'only-masked' ? masks.inpaintPadding : 32;
        expect(filled(read)).toEqual(filled({ ...written, inpaintPadding }));
      }),
    );
  });

  it('says nothing of masks where there was none, and nothing at all where there was no picture', () => {
    fc.assert(
      fc.property(fields, maskFields, (own, masks) => {
        const written = { ...request, ...own, ...masks };
        const { request: read } = readParameters(writeParameters(written, { ...facts, given: 'picture' }));
        expect(filled(read)).toEqual(filled(own));
        expect(writeParameters(written, facts)).toBe(writeParameters(request, facts));
      }),
    );
  });

  it('without a blur, a mask’s other words tell that it had none', () => {
    const text = writeParameters(
      { ...request, maskBlur: 0, maskedContent: 'fill' },
      { ...facts, given: 'picture-and-mask' },
    );
    expect(text).not.toContain('Mask blur');
    expect(readParameters(text).request).toMatchObject({ maskBlur: 0, maskedContent: 'fill' });
  });
});

describe('requests', () => {
  it.each([
    [{ sampler: 'dpm_fast', schedule: 'karras' }, /DPM fast places its own noise levels/],
    [{ sampler: 'plms', steps: 1 }, /PLMS needs at least 2 steps/],
    [{ guidanceStart: 0.8, guidanceEnd: 0.2 }, /Guidance start/],
    [{ sigmaMin: 5, sigmaMax: 2 }, /min sigma/],
    [{ sampler: 'euler_a', eta: 1.5 }, /Eta must be at most 1/],
    [{ sChurn: -1 }, /Sigma churn must be at least 0/],
    [{ unipcVariant: 'vary_coeff' }, /UniPC variant must be one of bh1, bh2/],
    [{ quantise: 'yes' }, /Quantise timesteps must be true or false/],
    [{ denoisingStrength: 1.1 }, /Denoising strength must be at most 1/],
    [{ maskBlur: 2.5 }, /Mask blur must be a whole number/],
    [{ inpaintPadding: 300 }, /Only masked padding, pixels must be at most 256/],
    [
      { resizeMode: 'squeeze' },
      /Resize mode must be one of just-resize, crop-and-resize, resize-and-fill, latent-resize/,
    ],
    [{ maskedContent: 'nothing' }, /Masked content must be one of fill, original, latent-noise, latent-nothing/],
    [{ inpaintWay: 'comfy' }, /Unmasked area must be one of a1111, diffusers/],
    [{ softMask: 1 }, /Soft mask must be true or false/],
    [{ noiseSource: 'gpu' }, /Noise source must be one of cpu, nv/],
  ])('%j is refused with the reason', (fields, reason) => {
    expect(() => parseRequest({ ...DEFAULT_REQUEST, ...fields })).toThrow(reason);
  });
});
