import { DEFAULT_REQUEST, type GenerationRequest, type ModelDefaults } from '../../core/request/request';
import { useEngine } from '../engine';
import { openEntry } from '../library/open-entry';
import { enqueue } from './enqueue';

/** Enough to see that a picture comes. */
const MAX_STEPS = 4;
const MAX_SIDE = 512;
const PROMPT = 'a red apple on a white background';

/**
 * Opens a model if it is not open, and has it paint one small picture of few steps; an error is shown where errors are.
 */
export async function testRun(id: string): Promise<void> {
  if (useEngine.getState().model?.id !== id && !(await openEntry(id))) return;
  const { model } = useEngine.getState();
  if (model) enqueue({ request: testRequest(model.info.defaults), sink: 'test', model: id });
}

/**
 * The model's own settings, at a small size and with few steps. The same every time, so that two runs can be compared.
 */
export function testRequest(defaults: ModelDefaults): GenerationRequest {
  const own = { ...DEFAULT_REQUEST, ...defaults };
  const shrink = Math.min(1, MAX_SIDE / Math.max(own.width, own.height));
  const side = (length: number) => Math.max(64, Math.round((length * shrink) / 64) * 64);
  return {
    ...own,
    prompt: PROMPT,
    seed: 1,
    steps: Math.min(own.steps, MAX_STEPS),
    width: side(own.width),
    height: side(own.height),
  };
}
