import { SAMPLERS, type SamplerId, samplerEntry } from '../src/core/diffusion/samplers/index';
import { FIELDS, fieldsOfGroup } from '../src/core/request/fields';
import { schedulesOf } from '../src/core/request/request';
import { expect, test } from './fixtures/easel';
import { en } from './fixtures/texts';

const IDS = Object.keys(SAMPLERS) as SamplerId[];
/**
 * One of each kind: with churn, choices of its own and an order, eta and levels of its own, steps of its own, nothing
 * at all.
 */
const KINDS = ['euler', 'unipc', 'dpm_fast', 'rk45', 'ddpm', 'dpmpp_2m'] as const satisfies readonly SamplerId[];

test.use({ starter: 'tiny' });

test('every sampler is offered in a line, and asks for what it has and nothing else', async ({ easel, page }) => {
  await easel.open();
  await page.getByText(en.settings.advancedSettings, { exact: true }).click();
  const sampler = page.getByRole('combobox', { name: en.fields.sampler.label, exact: true });
  await sampler.click();
  const offered = page.getByRole('option');
  expect(await offered.locator('.select-description').allTextContents()).toEqual(
    IDS.map((id) => SAMPLERS[id].description),
  );
  await page.keyboard.press('Escape');

  for (const id of KINDS) {
    const { label, options, ends } = samplerEntry(id);
    await sampler.click();
    await page.getByRole('option', { name: label, exact: true }).click();
    await expect(sampler).toHaveText(label);
    const shown = async (role: 'spinbutton' | 'combobox', name: string) =>
      (await page.getByRole(role, { name, exact: true }).count()) === 1;
    expect(await shown('combobox', en.fields.schedule.label), label).toBe(schedulesOf(id).length > 1);
    expect(await shown('spinbutton', en.fields.steps.label), label).toBe(!ends?.adaptive);
    for (const name of fieldsOfGroup('sampler-options')) {
      const role = FIELDS[name].kind === 'number' ? 'spinbutton' : 'combobox';
      expect(await shown(role, FIELDS[name].label), `${label}, ${name}`).toBe(name in options);
    }
  }
});
