import type { BuiltGraph } from '../graph/types';
import type { ChosenDevice } from '../runtime/device';
import { createSession, type Feeds, type Session } from '../runtime/session';
import { bindWeights } from '../weights/bind';
import type { StateDict } from '../weights/state-dict';

/** What guides a model toward names: a noise-aware network over what it denoises, and the names that it tells apart. */
export interface Classifier {
  /** For errors: its folder, or its file. */
  name: string;
  weights: StateDict;
  names: readonly string[];
  /** Of what it sees. */
  channels: number;
  /**
   * Inputs `z` [1, channels, height, width], `wanted` [1, names] and those of `told`; output `gradient`, of the mean
   * log p of what is wanted with respect to z.
   */
  build(): BuiltGraph;
  /** What the graph is told of a timestep. */
  told(timestep: number): Feeds;
  /** How strongly its authors guide by it, where they say so. */
  scale?: number;
}

export interface RunningClassifier {
  /**
   * The gradient of log p(names | z_t) with respect to z_t, averaged over the names.
   * @param z in the UNet's coordinates (variance preserving), [channels, height, width].
   * @param wanted places in `info.classifierNames`, at least one.
   */
  gradient(
    z: Float32Array,
    height: number,
    width: number,
    timestep: number,
    wanted: readonly number[],
  ): Promise<Float32Array>;
  release(): Promise<void>;
}

/** A classifier whose weights have their places; its session waits until somebody asks for a gradient. */
export function bindClassifier(classifier: Classifier, device: ChosenDevice): RunningClassifier {
  const { name, weights, names, channels, told } = classifier;
  const graph = classifier.build();
  const bound = bindWeights([graph], weights, name);
  let session: Promise<Session> | undefined;
  return {
    async gradient(z, height, width, timestep, wanted) {
      session ??= createSession(graph, bound, device);
      const shares = new Float32Array(names.length);
      for (const place of wanted) shares[place] = 1 / wanted.length;
      const { gradient } = await (await session).run({
        z: { data: z, dims: [1, channels, height, width] },
        ...told(timestep),
        wanted: { data: shares, dims: [1, names.length] },
      });
      return gradient;
    },
    async release() {
      await (await session)?.release();
      session = undefined;
    },
  };
}
