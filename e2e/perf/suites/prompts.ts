import type { GenerationRequest } from '../../../src/core/request/request';
import { fastLoraUse } from '../../../src/model/running/fast';
import type { PaintingModel } from '../../../src/model/running/painting-model';
import { paint } from '../../../src/pipeline/generate';
import { encodePicture } from '../../../src/pipeline/picture';
import { keep, openStarter, requestOf, type Suite } from '../page';

/**
 * The test prompts of models/train with their seeds, 20 steps at CFG 5, for the judge: each picture as
 * `prompts-0001.rgb` (raw bytes, which run.py joins to an .npy on the machine) and as a PNG (which it packs to come
 * back). A model with "Fast" paints them so, too.
 */
export const prompts: Suite = async ({ device, tiny }) => {
  const tests: { prompt: string; seed: number }[] = await (await fetch('/models/train/test-prompts.json')).json();
  const model = await openStarter(device);
  const painted: Record<string, number> = {};
  for (const [name, fields] of Object.entries(waysOf(model))) {
    await model.adapt({ loras: fields.fast ? [fastLoraUse(model)] : [], embeddings: [] });
    const started = performance.now();
    const wanted = tiny ? tests.slice(0, 3) : tests;
    for (const [i, { prompt, seed }] of wanted.entries()) {
      const request = requestOf(model, tiny, { prompt, seed, ...fields });
      const picture = await paint(model, request);
      const path = `${name}-${String(i).padStart(4, '0')}`;
      await keep('work', `${path}.rgb`, picture.rgb);
      await keep('work', `${path}.png`, (await encodePicture(picture, request, model.info)).png);
      if (i % 50 === 49) console.log(`${name}: ${i + 1} of ${wanted.length}`);
    }
    painted[`${name}: seconds a picture`] = (performance.now() - started) / 1000 / wanted.length;
  }
  await model.dispose();
  return { device: model.device, ...painted };
};

/** What is painted under which name. */
function waysOf({ info }: PaintingModel): Record<string, Partial<GenerationRequest>> {
  const prompts = { sampler: 'ddim', schedule: 'automatic', steps: 20, cfgScale: 5 } as const;
  return info.fast ? { prompts, fast: { schedule: 'automatic', ...info.fast, fast: true } } : { prompts };
}
