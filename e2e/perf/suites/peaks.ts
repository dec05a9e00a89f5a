import { MEMORY_PLANS, memoryNeed } from '../../../src/core/memory-need';
import { parseRequest } from '../../../src/core/request/request';
import { createEngineClient } from '../../../src/engine/client';
import type { ModelSource } from '../../../src/engine/protocol';
import { cardMegabytes, cardPeak, type Suite, spawnEngine } from '../page';

const MEGABYTE = 2 ** 20;

/** What the card holds once the model of before has gone, which takes the driver a while after its worker's end. */
async function settledMegabytes(): Promise<number> {
  for (let last = await cardMegabytes(), same = 0; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const now = await cardMegabytes();
    same = now === last ? same + 1 : 0;
    last = now;
    if (same === 8) return now;
  }
}

/**
 * The most of a card that models take while they are opened and paint one picture, by how their parts share memory: the
 * driver's count above what it was before, beside the estimate that the page goes by. In a worker of its own each time.
 */
export const peaks: Suite = async ({ device, kernels, tiny, files }) => {
  const starter = { kind: 'url', base: '/models/starter/' } as const;
  const models: [name: string, source: ModelSource, side: number][] = [
    ['starter', starter, 256],
    ...files.map((file): [string, ModelSource, number] => {
      const source = { kind: 'folder', name: file.name, files: [{ path: file.name, file }] } as const;
      return [file.name, source, file.name.includes('sdxl') ? 1024 : 512];
    }),
  ];
  const measured: Record<string, object> = {};
  for (const [name, source, usual] of models)
    for (const plan of MEMORY_PLANS) {
      const side = tiny ? 64 : usual;
      const client = createEngineClient(spawnEngine, document.baseURI);
      const before = await settledMegabytes();
      await cardPeak();
      const loaded = await client.load({ source, device, kernels, memory: { plan }, vocabulary: '/models/clip/' });
      const opened = await cardPeak();
      let timings: unknown;
      const request = parseRequest({ prompt: 'a fox', steps: 4, width: side, height: side, seed: 7 });
      await client.generate(request, undefined, (event) => {
        if (event.type === 'picture') timings = event.picture.timings;
      });
      const painted = await cardPeak();
      client.dispose();
      const need =
        loaded.device.networks && memoryNeed(loaded.device.networks, { width: side, height: side }, loaded.device);
      measured[`${name}, ${plan}`] = {
        side,
        planned: loaded.device.plan,
        openedMegabytes: opened - before,
        peakMegabytes: Math.max(opened, painted) - before,
        estimatedMegabytes: need && Math.round(need[plan] / MEGABYTE),
        loadMs: Math.round(loaded.loadMs),
        timings,
      };
    }
  return { measured };
};
