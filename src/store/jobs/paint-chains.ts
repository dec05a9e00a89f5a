import { DEFAULT_REQUEST, type GenerationRequest } from '../../core/request/request';
import { requestsGrid } from '../../jobs/grid';
import { useEngine } from '../engine';
import { EMBLEMS_ID } from '../library/emblems';
import { type ChainStart, keepChainsOf, type Way } from './chains';
import { enqueue } from './enqueue';

/**
 * Paints the lab's example by each of some ways from the same noise, after what already waits. It should be open: its
 * own settings are taken.
 */
export function paintChains(ways: readonly Way[], start: ChainStart): void {
  const { model } = useEngine.getState();
  const defaults = model?.id === EMBLEMS_ID ? model.info.defaults : {};
  const requests = ways.map(
    (way): GenerationRequest => ({ ...DEFAULT_REQUEST, ...defaults, ...start, ...way, ...rangeOf(way) }),
  );
  keepChainsOf(start);
  const [request] = requests;
  enqueue({ request, sink: 'chain', model: EMBLEMS_ID, pictures: (parent) => requestsGrid(parent, requests) });
}

/**
 * DDIM is let be. DDPM's x0 is clipped, as its authors do; DDIM's with the noise that was predicted beside it, as the
 * references have it, is spoilt in a thousand steps: each takes off what the last one's noise still holds.
 */
const rangeOf = ({ sampler }: Way): Pick<GenerationRequest, 'thresholding'> =>
  sampler === 'ddim' ? { thresholding: 'none' } : {};
