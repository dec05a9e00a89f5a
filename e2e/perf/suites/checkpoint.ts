import { toEaselError } from '../../../src/core/errors';
import { parseRequest } from '../../../src/core/request/request';
import { createEngineClient } from '../../../src/engine/client';
import { keep, median, type Suite, spawnEngine } from '../page';

/**
 * A whole checkpoint of one file from the disk, through the page's own worker: time to open, time a step, and the
 * refusal where it does not fit. Memory is read by run.py, from outside.
 */
const checkpoint =
  (side: number, usualSteps: number): Suite =>
  async ({ device, kernels, once, steps = usualSteps, files: [file] }) => {
    let client = createEngineClient(spawnEngine, document.baseURI);
    const measured: Record<string, unknown> = { bytes: file.size };
    let stage = 'load';
    try {
      const source = { kind: 'folder', name: file.name, files: [{ path: file.name, file }] } as const;
      const model = await client.load({ source, device, kernels, vocabulary: '/models/clip/' });
      const { openings } = await client.statistics();
      Object.assign(measured, { device: model.device, loadMs: Math.round(model.loadMs), openings });
      const request = parseRequest({
        prompt: 'a red apple',
        seed: 7,
        sampler: 'ddim',
        steps,
        width: side,
        height: side,
      });
      for (stage of once ? ['first picture'] : ['first picture', 'second picture']) {
        const times: number[] = [];
        let last = performance.now();
        await client.generate(request, undefined, (event) => {
          if (event.type === 'step') {
            times.push(performance.now() - last);
            last = performance.now();
          }
          if (event.type === 'picture') {
            measured[stage] = event.picture.timings;
            void keep('out', `${file.name}.png`, event.picture.png);
          }
        });
        measured[`${stage}: ms a step`] = median(times.slice(1));
      }
      if (once) return measured;
      // By a worker of its own, as by a page that is opened again: the browser has kept what was found of the card.
      stage = 'load again';
      client.dispose();
      client = createEngineClient(spawnEngine, document.baseURI);
      const again = await client.load({ source, device, kernels, vocabulary: '/models/clip/' });
      measured.again = { loadMs: Math.round(again.loadMs), openings: (await client.statistics()).openings };
    } catch (error) {
      const { code, message } = toEaselError(error);
      measured.refused = { stage, code, message };
    } finally {
      client.dispose();
    }
    return measured;
  };

/** Stable Diffusion 1.5's shape, 2 GB, at 512 x 512. */
export const sd15: Suite = (options) => checkpoint(options.tiny ? 64 : 512, options.tiny ? 2 : 20)(options);

/** SDXL's shape, 6.9 GB, at 1024 x 1024. */
export const sdxl: Suite = (options) => checkpoint(options.tiny ? 64 : 1024, options.tiny ? 2 : 8)(options);
