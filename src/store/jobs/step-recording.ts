import { create } from 'zustand';
import type { GenerationRequest } from '../../core/request/request';
import type { EngineEvent, PreviewImage } from '../../engine/protocol';

/** One step of a run, small. */
export interface Frame {
  /** Counts from 1. */
  step: number;
  sigma: number;
  /** What the prompt said. */
  text: string;
  /** What the model was given. */
  noisy: PreviewImage;
  /** What it believed the picture to be. */
  denoised: PreviewImage;
}

export interface StepRecording {
  /** The picture whose steps these are, its seed resolved; undefined before the first. */
  request: GenerationRequest | undefined;
  frames: readonly Frame[];
}

/** Only the last picture's steps are kept, as the page shows them in the lab. */
export const useStepRecording = create<StepRecording>(() => ({ request: undefined, frames: [] }));

/** Of a frame's longer side, so that large pictures of many steps stay within a few megabytes. */
const MAX_SIDE = 64;
/** Adaptive samplers may take any number of steps; past this, every second frame is dropped. */
const MAX_FRAMES = 300;

/** A new picture begins: what was recorded of the one before goes. */
export function startRecording(request: GenerationRequest): void {
  useStepRecording.setState({ request, frames: [] });
}

/** A step, small, of what the engine shows of it. */
export function frameOf({ step, sigma, text, noisy, image }: Extract<EngineEvent, { type: 'preview' }>): Frame {
  return { step, sigma, text, noisy: reduced(noisy), denoised: reduced(image) };
}

export function recordStep(event: Extract<EngineEvent, { type: 'preview' }>): void {
  const frame = frameOf(event);
  useStepRecording.setState(({ frames }) => {
    const kept = frames.length < MAX_FRAMES ? frames : frames.filter((_, i) => i % 2 === 0);
    return { frames: [...kept, frame] };
  });
}

/** The mean of each block of pixels, as few a side as bring the picture down to the largest side. */
function reduced({ width, height, rgba }: PreviewImage): PreviewImage {
  const block = Math.ceil(Math.max(width, height) / MAX_SIDE);
  if (block === 1) return { width, height, rgba };
  const [w, h] = [Math.ceil(width / block), Math.ceil(height / block)];
  const out = new Uint8ClampedArray(4 * w * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const [right, bottom] = [Math.min(width, (x + 1) * block), Math.min(height, (y + 1) * block)];
      const sum = [0, 0, 0, 0];
      for (let v = y * block; v < bottom; v++)
        for (let u = x * block; u < right; u++) for (let c = 0; c < 4; c++) sum[c] += rgba[4 * (v * width + u) + c];
      const pixels = (right - x * block) * (bottom - y * block);
      for (let c = 0; c < 4; c++) out[4 * (y * w + x) + c] = sum[c] / pixels;
    }
  }
  return { width: w, height: h, rgba: out };
}
