import { paint } from '../../../src/pipeline/generate';
import { keep, openStarter, requestOf, Sheet, type Suite } from '../page';

const COLUMNS = 32;
const SIDE = 48;

/**
 * One picture of each thing that the starter knows, "a NAME on a white background", 12 steps, CFG 6, seed 7, uncurated,
 * in the order of `guidance/names.json`: `models/starter/things.webp`, which "What can it paint?" shows.
 */
export const things: Suite = async ({ device, tiny }) => {
  const model = await openStarter(device);
  const names: string[] = await (await fetch('/models/starter/guidance/names.json')).json();
  const wanted = tiny ? names.slice(0, 2) : names;
  const sheet = new Sheet(COLUMNS, Math.ceil(wanted.length / COLUMNS), SIDE);
  for (const [i, name] of wanted.entries()) {
    const prompt = `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name} on a white background`;
    const request = requestOf(model, tiny, { prompt, sampler: 'dpmpp_2m', cfgScale: 6, steps: 12 });
    await sheet.draw(Math.floor(i / COLUMNS), i % COLUMNS, await paint(model, request));
  }
  await model.dispose();
  await keep('out', 'things.webp', await sheet.webp());
  return { device: model.device, names: wanted.length };
};
