import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_REQUEST } from '../../core/request/request';
import { recordStep, startRecording, useStepRecording } from './step-recording';

const flat = (width: number, height: number, level: number) => ({
  width,
  height,
  rgba: new Uint8ClampedArray(4 * width * height).fill(level),
});
const preview = (step: number, width = 32, height = 32) => ({
  type: 'preview' as const,
  image: flat(width, height, 200),
  noisy: flat(width, height, 100),
  sigma: 1 / step,
  text: `text ${step}`,
  step,
  picture: 0,
});
const frames = () => useStepRecording.getState().frames;

beforeEach(() => startRecording(DEFAULT_REQUEST));

describe('the recording of the last picture', () => {
  it('has a frame for each step, and starts anew with the next picture', () => {
    for (const step of [1, 2, 3]) recordStep(preview(step));
    expect(frames().map(({ step, sigma, text }) => [step, sigma, text])).toEqual([
      [1, 1, 'text 1'],
      [2, 1 / 2, 'text 2'],
      [3, 1 / 3, 'text 3'],
    ]);
    expect([frames()[0].noisy.rgba[0], frames()[0].denoised.rgba[0]]).toEqual([100, 200]);
    startRecording({ ...DEFAULT_REQUEST, seed: 9 });
    expect(frames()).toEqual([]);
    expect(useStepRecording.getState().request?.seed).toBe(9);
  });

  it('keeps frames small: blocks of a large preview become their mean, also where the last block is cut', () => {
    const large = preview(1, 130, 65);
    // A block of 3 x 3 whose mean is 10, in the corner.
    for (let i = 0; i < 3; i++) large.image.rgba.set([30, 0, 0, 255], 4 * i * 130);
    for (let y = 0; y < 3; y++) for (let x = 1; x < 3; x++) large.image.rgba.set([0, 0, 0, 255], 4 * (y * 130 + x));
    recordStep(large);
    const { denoised } = frames()[0];
    expect([denoised.width, denoised.height]).toEqual([44, 22]);
    expect(denoised.rgba[0]).toBe(10);
    expect(denoised.rgba.at(-1)).toBe(200);
  });

  it('is bounded whatever a sampler does, and still ends with the newest step', () => {
    for (let step = 1; step <= 2000; step++) recordStep(preview(step, 1, 1));
    expect(frames().length).toBeLessThanOrEqual(300);
    expect(frames().at(-1)?.step).toBe(2000);
    expect(frames()[0].step).toBe(1);
  });
});
