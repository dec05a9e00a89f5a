import type { StateDict } from '../weights/state-dict';

/**
 * One network of a model, wherever its files are: its configuration, and its weights under the names that the graphs
 * use.
 */
export interface Network<Config> {
  /** For errors: `unet`, or the file that holds it. */
  name: string;
  config: Config;
  weights: StateDict;
}
