import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import type { Locator, Page } from 'playwright/test';
import { diffused, variancePreserving } from '../src/core/diffusion/noise-level';
import {
  cosineBetas,
  cumulativeAlphas,
  geodiffSigmoidBetas,
  linearBetas,
  scaledLinearBetas,
  trainedSigmas,
  zeroTerminalSnr,
} from '../src/core/diffusion/noise-schedules';
import { planSteps } from '../src/core/diffusion/plan-steps';
import { tableLevels } from '../src/core/diffusion/process/discrete';
import { STEP_SCHEDULES, type StepScheduleId } from '../src/core/diffusion/step-schedules/index';
import type { ConvergenceReport } from '../src/core/diffusion/theory/convergence';
import { FOUR_CLOUDS, trajectoriesOf } from '../src/core/diffusion/theory/trajectories';
import { planesToRgb } from '../src/core/image/planes';
import { seededNormal } from '../src/core/random';
import { FIRST_ALIGNED_STEPS } from '../src/model/architectures/stable-diffusion';
import { violations } from './fixtures/axe';
import { canvasPixels, correlation, expect, sharedVisit, test } from './fixtures/easel';
import { ANY, begins, en, like } from './fixtures/texts';

interface Series {
  name: string;
  points: [number, number][];
}

const ROOT = join(import.meta.dirname, '..');
const CONFIG = {
  ...JSON.parse(readFileSync(join(ROOT, 'models/starter/scheduler/scheduler_config.json'), 'utf8')),
  align_your_steps: FIRST_ALIGNED_STEPS,
};
const TABLE = trainedSigmas(CONFIG);

/** What a plot draws just now. */
async function plotted(page: Page, plot: string): Promise<Series[]> {
  const all = await page.evaluate(() => {
    const { easel } = window as unknown as { easel: { plotted(): Promise<Record<string, Series[]>> } };
    return easel.plotted();
  });
  return all[plot];
}

/** Largest difference of a drawn line from what is expected, relative to the largest value expected. */
function deviation(series: Series | undefined, expected: ArrayLike<number>): number {
  expect(series?.points.map(([x]) => x)).toEqual(Array.from(expected, (_, i) => i));
  const size = Math.max(...Array.from(expected, Math.abs));
  return Math.max(...(series as Series).points.map(([, y], i) => Math.abs(y - expected[i]))) / size;
}

const card = (page: Page, title: string) => page.getByRole('region', { name: title, exact: true });
const one = (series: Series[], name: string) => series.find((line) => line.name === name);

test.describe('what it draws', () => {
  const visit = sharedVisit((easel) => easel.open('./#lab'));

  test('the noise schedules drawn are the core’s, in all three quantities, with and without zero terminal SNR', async () => {
    const { page } = visit();
    const abars: Readonly<Record<string, Float64Array>> = {
      [en.lab.linear]: cumulativeAlphas(linearBetas(1e-4, 0.02, 1000)),
      [en.lab.scaledLinear]: cumulativeAlphas(scaledLinearBetas(0.00085, 0.012, 1000)),
      [en.lab.cosine]: cumulativeAlphas(cosineBetas(1000)),
      [en.lab.sigmoid]: cumulativeAlphas(geodiffSigmoidBetas(1e-4, 0.02, 1000)),
    };
    const drawn = async () => plotted(page, 'noise-schedule');
    expect((await drawn()).map(({ name }) => name)).toEqual([en.lab.thisModel, ...Object.keys(abars)]);
    expect(deviation(one(await drawn(), en.lab.thisModel), TABLE.alphasCumprod)).toBeLessThan(1e-12);
    for (const [name, abar] of Object.entries(abars))
      expect(deviation(one(await drawn(), name), abar)).toBeLessThan(1e-12);

    await card(page, en.lab.noiseSchedule).getByRole('radio', { name: en.lab.logSnr }).click();
    const snr = abars[en.lab.cosine].map((abar) => Math.log(abar / (1 - abar)));
    expect(deviation(one(await drawn(), en.lab.cosine), snr)).toBeLessThan(1e-9);

    await card(page, en.lab.noiseSchedule).getByRole('radio', { name: en.lab.beta }).click();
    expect(deviation(one(await drawn(), en.lab.linear), linearBetas(1e-4, 0.02, 1000))).toBeLessThan(1e-9);

    await card(page, en.lab.noiseSchedule).getByRole('radio', { name: en.lab.alphaBar }).click();
    await card(page, en.lab.noiseSchedule).getByRole('checkbox').check();
    expect(deviation(one(await drawn(), en.lab.linear), zeroTerminalSnr(abars[en.lab.linear]))).toBeLessThan(1e-6);
    expect(deviation(one(await drawn(), en.lab.thisModel), TABLE.alphasCumprod)).toBeLessThan(1e-12);
  });

  test('the noise levels drawn are the planner’s, for every schedule of the registry', async () => {
    const { page } = visit();
    const steps = card(page, en.lab.stepSchedules);
    await steps.getByRole('combobox', { name: en.lab.samplerOfSchedules }).click();
    await page.getByRole('option', { name: en.fields.sampler.choices.euler.label, exact: true }).click();
    await steps.getByRole('spinbutton', { name: en.lab.steps }).fill('9');
    // Few at first, so that each can be followed.
    expect((await plotted(page, 'step-schedules')).length).toBeLessThanOrEqual(5);
    // The line that is pointed at is lifted out of them (ux 59).
    const figure = steps.getByRole('img');
    await figure.hover();
    await expect(figure.locator('[data-lifted]').first()).toBeVisible();
    await expect(figure.locator('[data-faded]')).not.toHaveCount(0);
    await steps.getByRole('button', { name: en.lab.showAll }).click();
    const schedules = (Object.keys(STEP_SCHEDULES) as StepScheduleId[]).filter((id) => id !== 'automatic');
    const drawn = await plotted(page, 'step-schedules');
    let compared = 0;
    for (const schedule of schedules) {
      const name = STEP_SCHEDULES[schedule].label;
      let sigmas: number[];
      try {
        sigmas = planSteps({ sampler: 'euler', schedule, steps: 9, levels: tableLevels(TABLE), config: CONFIG }).sigmas;
      } catch {
        // What the planner refuses is named with its reason, not drawn.
        expect(one(drawn, name)).toBeUndefined();
        await expect(steps.getByText(begins(en.lab.notDrawn(name, '')))).toBeVisible();
        continue;
      }
      expect(deviation(one(drawn, name), sigmas)).toBeLessThan(1e-9);
      compared++;
    }
    expect(compared).toBe(drawn.length);
    expect(compared).toBeGreaterThanOrEqual(5);

    // The table on demand holds the same numbers.
    await steps.getByText(en.lab.numbers, { exact: true }).click();
    const first = steps.getByRole('row').nth(1).getByRole('cell').first();
    expect(Number(await first.textContent())).toBeCloseTo(drawn[0].points[0][1], 2);
    await expect(steps.getByRole('row')).toHaveCount(1 + drawn[0].points.length);
  });

  test('the trajectories drawn are the samplers’ own, from the same noise', async () => {
    const { page } = visit();
    const two = card(page, en.lab.twoSamplersOneNoise);
    await two.getByRole('combobox', { name: en.lab.secondSampler }).click();
    await page.getByRole('option', { name: en.fields.sampler.choices.dpmpp_2m.label, exact: true }).click();
    await two.getByRole('spinbutton', { name: en.lab.steps }).fill('15');
    await two.getByRole('spinbutton', { name: en.lab.points }).fill('20');
    await two.getByRole('spinbutton', { name: en.lab.seed }).fill('5');
    const shared = {
      schedule: 'karras',
      steps: 15,
      points: 20,
      seed: 5,
      config: CONFIG,
      mixture: FOUR_CLOUDS,
    } as const;
    for (const [plot, sampler] of [
      ['trajectories-left', 'euler'],
      ['trajectories-right', 'dpmpp_2m'],
    ] as const) {
      const { paths } = await trajectoriesOf({ ...shared, sampler });
      await expect
        .poll(async () => (await plotted(page, plot))?.map(({ points }) => points.length))
        .toEqual(paths.map(({ length }) => length));
      const largest = async () =>
        Math.max(
          ...(await plotted(page, plot)).flatMap(({ points }, k) =>
            points.map(([x, y], i) => Math.hypot(x - paths[k][i][0], y - paths[k][i][1])),
          ),
        );
      await expect.poll(largest).toBeLessThan(1e-6);
    }
  });

  test('the measured plot draws what was measured', async () => {
    const { page } = visit();
    const report: ConvergenceReport = JSON.parse(readFileSync(join(ROOT, 'src/ui/lab/convergence.json'), 'utf8'));
    expect(report.samplers.length).toBeGreaterThan(0);
    const expected = (x: (sampler: ConvergenceReport['samplers'][number]) => readonly number[]) =>
      report.samplers.map((one) => ({
        name: one.label,
        points: one.distances.map((distance, i) => [x(one)[i], distance]),
      }));
    await card(page, en.lab.doesTheSamplerMatter).getByRole('button', { name: en.lab.showAll }).click();
    await expect.poll(() => plotted(page, 'convergence')).toEqual(expected(() => report.steps));
    await card(page, en.lab.doesTheSamplerMatter).getByRole('radio', { name: en.lab.modelCalls }).click();
    await expect.poll(() => plotted(page, 'convergence')).toEqual(expected(({ calls }) => calls));
  });

  test('a picture is noised as the formula says', async () => {
    const { page } = visit();
    const noise = card(page, en.lab.aPictureInNoise);
    const { width, height, data, channels } = decode(readFileSync(join(ROOT, 'src/ui/lab/example.png')));
    const cells = width * height;
    const x0 = Float32Array.from({ length: 3 * cells }, (_, i) => {
      return data[channels * (i % cells) + Math.floor(i / cells)] / 127.5 - 1;
    });
    const epsilon = seededNormal(1)(x0.length);
    for (const t of [0, 450, 999]) {
      await noise.getByRole('spinbutton', { name: en.lab.timestep }).fill(String(t));
      const canvas = noise.getByRole('img', { name: like(en.lab.noised(ANY, t)) });
      await expect(canvas).toBeVisible();
      const shown = await canvasPixels(canvas);
      const expected = planesToRgb(diffused(x0, epsilon, variancePreserving(TABLE.alphasCumprod[t])));
      let largest = 0;
      for (let i = 0; i < expected.length; i++)
        largest = Math.max(largest, Math.abs(expected[i] - shown.data[4 * Math.floor(i / 3) + (i % 3)]));
      expect(largest).toBeLessThanOrEqual(1);
    }
  });

  test('axe finds nothing in it, wide and narrow, dark and light', async () => {
    const { page } = visit();
    await expect(card(page, en.lab.twoSamplersOneNoise).getByRole('img')).toHaveCount(2);
    const steps = card(page, en.lab.stepSchedules);
    await steps.locator('details.numbers').evaluate((numbers: HTMLDetailsElement) => {
      numbers.open = true;
    });
    await expect(steps.getByRole('row').first()).toBeVisible();
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 740 });
      for (const colorScheme of ['dark', 'light'] as const) expect(await violations(page, colorScheme)).toEqual([]);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });
});

test('a run leaves as many frames as steps, and Paint stays as it was', async ({ easel, page }) => {
  const scripts: string[] = [];
  page.on('request', (request) => scripts.push(request.url()));
  await easel.open();
  expect(scripts.filter((url) => /\/lab-[^/]*\.js$/.test(url))).toEqual([]);
  await easel.prompt.fill('a red apple');
  await easel.set({ steps: 4, seed: 7 });
  await easel.paint();
  const picture = await easel.pixels();
  await easel.view('lab').click();
  const film = card(page, en.lab.lastPicture);
  await expect(film.getByRole('list', { name: en.lab.frames }).getByRole('listitem')).toHaveCount(4);
  expect(scripts.filter((url) => /\/lab-[^/]*\.js$/.test(url))).toHaveLength(1);
  await expect(film.getByText(en.lab.stepOf(4, 4))).toBeVisible();
  const believed = await canvasPixels(film.getByRole('img', { name: en.lab.predictedPictureOfStep(4) }));
  expect(correlation(believed, picture)).toBeGreaterThanOrEqual(0.8);
  // What the model is first given is noise, whatever the picture will be.
  await film.getByRole('spinbutton', { name: en.lab.frame }).fill('1');
  const noisy = await canvasPixels(film.getByRole('img', { name: en.lab.noisyLatentOfStep(1) }));
  expect(Math.abs(correlation(noisy, picture))).toBeLessThan(0.3);

  await easel.view('paint').click();
  await expect(easel.prompt).toHaveValue('a red apple');
  await expect(easel.picture).toBeVisible();
  await easel.prompt.fill('a fox');
  await easel.view('lab').click();
  await film.getByRole('button', { name: en.lab.useInPaintNamed(en.lab.settingsOfPicture) }).click(); // ux 60
  await expect(easel.prompt).toHaveValue('a red apple');
});

test('a walk is painted by the model, can be looked at and cancelled, and stays out of the results', async ({
  easel,
  page,
}) => {
  await easel.open();
  await easel.prompt.fill('a red apple');
  await easel.set({ steps: 2 });
  await easel.view('lab').click();
  const walk = card(page, en.lab.walkTitle);
  await walk.getByRole('spinbutton', { name: en.lab.pictures }).fill('3');
  await walk.getByRole('button', { name: en.lab.paintTheWalk }).click();
  const pictures = walk.getByRole('list', { name: en.lab.picturesOfTheWalk }).getByRole('button');
  await expect(pictures).toHaveCount(3);
  await pictures.nth(1).click();
  await expect(walk.getByText(/Walk seed: 2, Walk share: 0.5/)).toBeVisible();
  const download = page.waitForEvent('download');
  await walk.getByRole('link', { name: en.lab.download }).click();
  expect((await download).suggestedFilename()).toBe('walk-02-of-3.png');

  await walk.getByRole('radio', { name: en.lab.twoPrompts }).click();
  await walk.getByRole('textbox', { name: en.lab.to }).fill('a penguin in the snow');
  await walk.getByRole('spinbutton', { name: en.lab.pictures }).fill('24');
  await walk.getByRole('button', { name: en.lab.paintTheWalk }).click();
  await expect(pictures).toHaveCount(1);
  await walk.getByRole('button', { name: begins(en.lab.cancel) }).click();
  await expect(walk.getByRole('button', { name: en.lab.paintTheWalk })).toBeVisible();
  expect(await pictures.count()).toBeLessThan(24);
  await easel.view('paint').click();
  await expect(easel.results).toHaveCount(0);
});

test.describe('with the tiny model', () => {
  test.use({ starter: 'tiny' });

  test('the theory’s example comes when it is asked for, paints its way from noise, and has its bound computed', async ({
    easel,
    page,
  }) => {
    const fetched: string[] = [];
    page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
    const weights = () => fetched.filter((path) => path.includes('/models/emblems/'));
    await easel.open('./#lab');
    const theory = card(page, en.lab.theTheory);
    // What was measured stands there without the model.
    await expect.poll(async () => (await plotted(page, 'bound'))?.length).toBeGreaterThanOrEqual(2);
    expect(weights()).toEqual([]);
    await theory.getByRole('button', { name: en.lab.openTheExample }).click();
    await theory.getByRole('button', { name: en.lab.paintBy('DDIM', 10) }).click();
    await expect(theory.getByRole('button', { name: en.lab.showChain('DDIM', 10) }).locator('img')).toBeVisible();
    expect(weights().length).toBeGreaterThan(0);
    await expect(theory.getByRole('list', { name: en.lab.frames }).getByRole('listitem')).toHaveCount(10);
    const believed = await canvasPixels(theory.getByRole('img', { name: en.lab.predictedPictureOfStep(10) }));
    expect(believed).toMatchObject({ width: 32, height: 32 });
    // An emblem stands on white; noise does not.
    expect(Math.min(...Array.from(believed.data).slice(0, 3))).toBeGreaterThan(200);

    const lines = (await plotted(page, 'bound')).length;
    await theory.getByRole('button', { name: en.lab.computeHere('anchor') }).click();
    await expect.poll(async () => (await plotted(page, 'bound')).length).toBe(lines + 1);
    const computed = one(await plotted(page, 'bound'), en.lab.computedHere('anchor'))?.points ?? [];
    expect(computed[0][1]).toBeGreaterThan(100 * computed[computed.length - 1][1]);
    await theory.getByRole('button', { name: en.lab.openInPaint }).click();
    await expect(page.getByTestId('model')).toContainText('Easel Emblems');
    await expect(page.getByRole('button', { name: begins(en.settings.chosenClass('')) })).toBeVisible();
  });

  test('the keyboard alone is enough: go to the lab, change what is drawn, read its numbers, reload, go back', async ({
    easel,
    page,
  }) => {
    await easel.open();
    // Radio buttons follow an arrow only while it is held, so a key goes down and up as under a finger.
    const press = (key: string) => page.keyboard.press(key, { delay: 50 });
    /** Tabs on until the focus is where it should be. */
    const tabTo = async (target: Locator) => {
      for (let i = 0; i < 60; i++) {
        await page.keyboard.press('Tab');
        if (await target.evaluate((element) => element === document.activeElement)) return;
      }
      throw new Error(`Sixty Tabs do not lead to ${target}.`);
    };
    await tabTo(easel.view('lab'));
    await press('Enter');
    await expect(page).toHaveURL(/#lab$/);
    await expect(easel.view('lab')).toHaveAttribute('aria-current', 'page');
    const schedule = card(page, en.lab.noiseSchedule);
    await tabTo(schedule.getByRole('radio', { name: en.lab.alphaBar }));
    await press('ArrowRight');
    await expect(schedule.getByRole('radio', { name: en.lab.logSnr })).toBeChecked();
    await tabTo(schedule.getByRole('button', { name: en.lab.linear, exact: true }));
    await press('Space');
    await expect
      .poll(async () => (await plotted(page, 'noise-schedule')).map(({ name }) => name))
      .toEqual([en.lab.thisModel, en.lab.scaledLinear, en.lab.cosine, en.lab.sigmoid]);
    await tabTo(schedule.getByText(en.lab.numbers, { exact: true }));
    await press('Enter');
    await expect(schedule.getByRole('columnheader', { name: en.lab.cosine })).toBeVisible();
    const timestep = card(page, en.lab.aPictureInNoise).getByRole('slider', { name: en.lab.timestep });
    await tabTo(timestep);
    await press('ArrowRight');
    await expect(timestep).toHaveValue('301');
    await page.reload();
    await expect(card(page, en.lab.noiseSchedule)).toBeVisible();
    await page.goBack();
    await expect(easel.prompt).toBeVisible();
    await expect(card(page, en.lab.noiseSchedule)).toBeHidden();
  });
});
