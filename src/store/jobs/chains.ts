import { create } from 'zustand';
import type { GenerationRequest } from '../../core/request/request';
import type { EngineEvent, PaintedPicture } from '../../engine/protocol';
import type { Job } from '../../jobs/job';
import { type Frame, frameOf } from './step-recording';

/** How a chain goes from noise to a picture: DDPM with all its steps is Algorithm 2, with fewer it is strided. */
export interface Way {
  sampler: 'ddpm' | 'ddim';
  steps: number;
}

/** A picture of the lab's example, and its way from noise. */
export interface Chain extends Way {
  request: GenerationRequest;
  /** Some of its steps, the first and the last among them. */
  frames: readonly Frame[];
  /** Once it is done, with its object URL, which lives as long as the chain is shown. */
  picture?: { painted: PaintedPicture; url: string };
}

/** What all chains that are shown begin with. */
export interface ChainStart {
  classLabel: number;
  seed: number;
}

/** Those of one class and seed. */
export const useChains = create<{ chains: readonly Chain[] }>(() => ({ chains: [] }));

/** What is shown of a long chain, besides its last step. */
const FRAMES = 40;

const isOf = (way: Way, { sampler, steps }: Pick<Way, 'steps'> & { sampler: string }) =>
  way.sampler === sampler && way.steps === steps;

const startsAs = ({ classLabel, seed }: Partial<ChainStart>, other: Partial<ChainStart>) =>
  classLabel === other.classLabel && seed === other.seed;

/** Takes down what began otherwise. */
export function keepChainsOf(start: ChainStart): void {
  keepOnly(({ request }) => startsAs(request, start));
}

/** Takes down the steps of a chain that is being painted. */
export function watchChain(event: EngineEvent, { request }: Job): void {
  if (event.type !== 'preview') return;
  const every = Math.max(1, Math.round(request.steps / FRAMES));
  const { step } = event;
  if (step === 1) beginChain(request);
  if (step !== 1 && step !== request.steps && step % every !== 0) return;
  changeChain(request, ({ frames }) => ({ frames: [...frames, frameOf(event)] }));
}

/** A chain came to its picture. */
export async function endChain(painted: PaintedPicture, { request }: Job): Promise<void> {
  changeChain(request, () => ({ picture: { painted, url: URL.createObjectURL(painted.png) } }));
}

/** A chain begins anew; those that began otherwise go. */
function beginChain(request: GenerationRequest): void {
  const { sampler, steps } = request;
  if (sampler !== 'ddpm' && sampler !== 'ddim') return;
  keepOnly((chain) => startsAs(chain.request, request) && !isOf(chain, request));
  useChains.setState(({ chains }) => ({ chains: [...chains, { sampler, steps, request, frames: [] }] }));
}

function changeChain(request: GenerationRequest, change: (chain: Chain) => Partial<Chain>): void {
  useChains.setState(({ chains }) => ({
    chains: chains.map((chain) => (isOf(chain, request) ? { ...chain, ...change(chain) } : chain)),
  }));
}

function keepOnly(isKept: (chain: Chain) => boolean): void {
  const { chains } = useChains.getState();
  for (const chain of chains) if (!isKept(chain) && chain.picture) URL.revokeObjectURL(chain.picture.url);
  useChains.setState({ chains: chains.filter(isKept) });
}

/** The chain of a way, where it was painted or is being. */
export const chainOf = (way: Way, { chains }: { chains: readonly Chain[] }): Chain | undefined =>
  chains.find((chain) => isOf(chain, way));
