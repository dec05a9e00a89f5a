import { expect, it } from 'vitest';
import type { ErrorCode } from '../../core/errors';
import type { OpenModel, Problem } from '../engine';
import { fakeModel } from '../fixtures/fake-engine';
import { STARTER } from '../library/starter';
import { remedyFor } from './remedy';

const problem = (code: ErrorCode): Problem => ({ code, message: '', during: 'load', subject: '', details: '' });
const model: OpenModel = { ...fakeModel('A'), ...STARTER };

it('offers what helps, and nothing where nothing does', () => {
  expect(remedyFor({ problem: problem('no-webgpu'), model })?.label).toBe('Use the CPU');
  expect(remedyFor({ problem: problem('device-lost'), model })?.label).toBe('Load the model again');
  expect(remedyFor({ problem: problem('offline'), model: undefined })?.label).toBe('Try again');
  // The model of before still works.
  expect(remedyFor({ problem: problem('corrupt'), model })).toBeUndefined();
  expect(remedyFor({ problem: undefined, model })).toBeUndefined();
});
