import * as v from 'valibot';

/** How strongly a LoRA's products were added in training. */
export interface Training {
  alpha: number;
  /** Divided by the rank's square root (Kalajdzievski 2023, rsLoRA, theorem 3.2) where it is, by the rank else. */
  rankStabilised: boolean;
}

/** What OFT's training was told that its rotations may have together, before the file's alpha rounded it. */
export function constraintOf({ ss_network_args }: Readonly<Record<string, string | undefined>>): number | undefined {
  const { constraint } = v.parse(ConfigSchema, ss_network_args);
  const number = Number(constraint ?? Number.NaN);
  return Number.isFinite(number) ? number : undefined;
}

/** PEFT's LoraConfig, as diffusers writes it into a file's header: of one network, or of several behind their names. */
const ConfigSchema = v.fallback(v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown())), {});
const AlphasSchema = v.fallback(v.record(v.string(), v.number()), {});

/**
 * What a file's header says of each module's scale (`lora_adapter_metadata`: `lora_alpha`, `alpha_pattern`,
 * `use_rslora`); undefined of a module where it says nothing. A tensor of the file goes before it.
 */
export function trainingOf(
  metadata: Readonly<Record<string, string | undefined>>,
): (network: string, module: string) => Training | undefined {
  const config = v.parse(ConfigSchema, metadata.lora_adapter_metadata);
  return (network, module) => {
    const said = (field: string) => config[`${network}.${field}`] ?? config[field];
    const alphas = v.parse(AlphasSchema, said('alpha_pattern'));
    const own = Object.keys(alphas).find((name) => module === name || module.endsWith(`.${name}`));
    const alpha = own === undefined ? said('lora_alpha') : alphas[own];
    return typeof alpha === 'number' ? { alpha, rankStabilised: said('use_rslora') === true } : undefined;
  };
}
