import { paint } from '../../../src/pipeline/generate';
import { keep, openStarter, requestOf, Sheet, type Suite } from '../page';

/** 48 concepts drawn at random, one in two of those the model's first contact sheet showed. */
const NAMES =
  "lady beetle, whale, spider, bouquet, crown, sports medal, police officer, construction, handshake, man's shoe, prince, canned food, sleeping face, dove, Statue of Liberty, hand with index finger and thumb crossed, file cabinet, nesting dolls, woman's clothes, globe showing Americas, moon viewing ceremony, person pouting, euro banknote, bus stop, motorcycle, pancakes, muted speaker, mouse trap, newspaper, sunrise, flexed biceps, laptop, person in tuxedo, astonished face, sad but relieved face, pizza, smiling face with tear, folded hands, cyclone, sparkles, twelve o'clock, wastebasket, sparkling heart, person with skullcap, beaver, cloud, party popper, person running".split(
    ', ',
  );

/** One picture a name, "a NAME on a white background", CFG 6, 25 DDIM steps, seed 7, uncurated, as one sheet. */
export const names: Suite = async ({ device, tiny }) => {
  const model = await openStarter(device);
  const columns = 8;
  const sheet = new Sheet(columns, NAMES.length / columns, 128);
  for (const [i, name] of (tiny ? NAMES.slice(0, 2) : NAMES).entries()) {
    const prompt = `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name} on a white background`;
    const request = requestOf(model, tiny, { prompt, sampler: 'ddim', cfgScale: 6, steps: 25 });
    await sheet.draw(Math.floor(i / columns), i % columns, await paint(model, request));
  }
  await model.dispose();
  await keep('out', 'names.jpg', await sheet.jpeg());
  return { device: model.device, names: NAMES.length };
};
