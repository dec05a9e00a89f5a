import type { StepInfo } from '../core/diffusion/types';
import type { Box } from '../core/image/picture';
import { stopIfCancelled } from '../model/cancellation';
import type { LatentSize } from './latent-size';

export type PaintStage = 'encode-prompt' | 'encode-picture' | 'denoise' | 'decode' | 'upscale';

/** One of the tiles that a picture is painted in. */
export interface PaintTile {
  /** Counts from 1. */
  number: number;
  of: number;
}

/** A step, with what the prompt said in it. Steps are counted over all passes. */
export interface PaintStep extends StepInfo {
  text: string;
  /** Of the latents. */
  size: LatentSize;
  /** What the picture's steps take, those that are left and all, in steps like this one; absent where all are alike. */
  work?: { left: number; whole: number };
}

export interface PaintHooks {
  /**
   * @param place with `denoise`: what of the given picture is being painted, in that one's pixels
   * @param tile which one, where the picture is painted in tiles
   */
  onStage?(stage: PaintStage, place?: Box, tile?: PaintTile): void;
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

/** Which part of a picture's time a stage belongs to; encoding is all that is neither of the others. */
const SHARES: Readonly<Record<PaintStage, Exclude<keyof Timings, 'totalMs'>>> = {
  'encode-prompt': 'encodeMs',
  'encode-picture': 'encodeMs',
  upscale: 'encodeMs',
  denoise: 'denoiseMs',
  decode: 'decodeMs',
};

/** How far a run is: whoever asked for it is told, a cancel is looked for, and the time is taken. */
export class Progress {
  readonly #now: () => number;
  readonly #began: number;
  readonly #spent = { encodeMs: 0, denoiseMs: 0, decodeMs: 0 };
  #stage: PaintStage = 'encode-prompt';
  #entered: number;
  /** The tile that is being painted. */
  tile?: PaintTile;

  constructor(readonly hooks: PaintHooks) {
    this.#now = hooks.now ?? (() => performance.now());
    this.#began = this.#now();
    this.#entered = this.#began;
  }

  get signal(): AbortSignal | undefined {
    return this.hooks.signal;
  }

  /** A stage begins. @throws the signal's reason. */
  async enter(stage: PaintStage, place?: Box): Promise<void> {
    this.#account();
    this.#stage = stage;
    this.hooks.onStage?.(stage, place, this.tile);
    await stopIfCancelled(this.signal);
  }

  /** A step is done. @throws the signal's reason. */
  async step(info: PaintStep): Promise<void> {
    await this.hooks.onStep?.(info);
    await stopIfCancelled(this.signal);
  }

  /** Of a run that has ended, over all its passes. */
  timings(): Timings {
    this.#account();
    return { ...this.#spent, totalMs: this.#entered - this.#began };
  }

  #account(): void {
    const now = this.#now();
    this.#spent[SHARES[this.#stage]] += now - this.#entered;
    this.#entered = now;
  }
}
