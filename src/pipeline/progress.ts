import type { StepInfo } from '../core/diffusion/types';
import type { Box } from '../core/image/picture';
import { stopIfCancelled } from '../model/cancellation';

export type PaintStage = 'encode-prompt' | 'encode-picture' | 'denoise' | 'decode';

/** A step, with what the prompt said in it. */
export interface PaintStep extends StepInfo {
  text: string;
}

export interface PaintHooks {
  /** @param place with `denoise`: what of the given picture is being painted, in that one's pixels */
  onStage?(stage: PaintStage, place?: Box): void;
  /** After each step's model call. */
  onStep?(info: PaintStep): void | Promise<void>;
  /** Ends the run before the next stage, step or tile. */
  signal?: AbortSignal;
  /** Milliseconds, monotonic. */
  now?(): number;
}

export interface Timings {
  encodeMs: number;
  denoiseMs: number;
  decodeMs: number;
  totalMs: number;
}

/** How far a run is: whoever asked for it is told, a cancel is looked for, and the time is taken. */
export class Progress {
  readonly #now: () => number;
  readonly #began: number;
  readonly #entered = new Map<PaintStage, number>();

  constructor(readonly hooks: PaintHooks) {
    this.#now = hooks.now ?? (() => performance.now());
    this.#began = this.#now();
  }

  get signal(): AbortSignal | undefined {
    return this.hooks.signal;
  }

  /** A stage begins. @throws the signal's reason. */
  async enter(stage: PaintStage, place?: Box): Promise<void> {
    this.#entered.set(stage, this.#now());
    this.hooks.onStage?.(stage, place);
    await stopIfCancelled(this.signal);
  }

  /** A step is done. @throws the signal's reason. */
  async step(info: PaintStep): Promise<void> {
    await this.hooks.onStep?.(info);
    await stopIfCancelled(this.signal);
  }

  /** Of a run that has ended; encoding is all that comes before the denoising. */
  timings(): Timings {
    const end = this.#now();
    const denoising = this.#entered.get('denoise') ?? end;
    const decoding = this.#entered.get('decode') ?? end;
    return {
      encodeMs: denoising - this.#began,
      denoiseMs: decoding - denoising,
      decodeMs: end - decoding,
      totalMs: end - this.#began,
    };
  }
}
