import { beforeEach, expect, it } from 'vitest';
import { readParameters } from '../../core/request/parameters';
import { useNotices } from '../notices';
import { changeSettings, resetSettings, useSettings } from '../settings/settings';
import { takeSettings, usesOf } from './drop';

beforeEach(() => {
  resetSettings();
  useNotices.setState({ notices: [] });
});

it('says what a drop could do, from what a browser tells while it hovers', () => {
  expect(usesOf([{ kind: 'file', type: 'image/png' }])).toEqual(['open-picture', 'read-settings']);
  expect(usesOf([{ kind: 'file', type: 'image/jpeg' }])).toEqual(['open-picture']);
  expect(usesOf([{ kind: 'file', type: '' }])).toEqual(['use-model']);
  expect(usesOf([{ kind: 'file', type: 'video/mp4' }])).toEqual([]);
  expect(usesOf([{ kind: 'string', type: 'text/plain' }])).toEqual([]);
});

it('fills the form from an A1111 text, names what it left, and can be undone', () => {
  changeSettings({ prompt: 'mine', steps: 11 });
  const text =
    'a fox\nNegative prompt: blurry\nSteps: 30, Sampler: Euler a, CFG scale: 6, Seed: 5, Size: 512x768, Schedule type: Turbo';
  takeSettings(readParameters(text), 'fox.png');
  expect(useSettings.getState().values).toMatchObject({
    prompt: 'a fox',
    negativePrompt: 'blurry',
    steps: 30,
    sampler: 'euler_a',
    seed: 5,
    height: 768,
  });
  const [notice] = useNotices.getState().notices;
  expect(notice.text).toContain('Schedule type: Turbo');
  notice.action?.run();
  expect(useSettings.getState().values).toMatchObject({ prompt: 'mine', steps: 11 });
});
