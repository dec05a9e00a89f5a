import { beforeEach, describe, expect, it } from 'vitest';
import { setFast } from './fast';
import { adoptModel, changeSettings, currentRequest, resetSettings, useSettings } from './settings';

const FAST = { sampler: 'lcm', steps: 8, cfgScale: 1 } as const;
const OWN = { sampler: 'ddim', steps: 25, cfgScale: 5 } as const;
const asked = () => currentRequest(useSettings.getState());

beforeEach(() => {
  resetSettings();
  adoptModel('A', OWN);
});

describe('Fast', () => {
  it('sets what its LoRA was trained for, and gives back what was set before', () => {
    changeSettings({ sampler: 'euler_a', schedule: 'karras', eta: 0.5, steps: 33, prompt: 'a fox' });
    const before = asked();
    setFast(true, FAST);
    expect(asked()).toMatchObject({ ...FAST, schedule: 'automatic', fast: true, prompt: 'a fox' });
    expect(asked().eta).toBeUndefined();
    changeSettings({ prompt: 'a dog', steps: 6 });
    setFast(false, FAST);
    expect(asked()).toEqual({ ...before, prompt: 'a dog' });
  });

  it('goes back to the model’s defaults where it was on from an earlier visit', () => {
    changeSettings({ ...FAST, fast: true });
    setFast(false, FAST);
    expect(asked()).toMatchObject(OWN);
    expect(asked().fast).toBeUndefined();
  });
});
