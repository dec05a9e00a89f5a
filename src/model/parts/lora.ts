import { said } from '../../core/errors';
import { architectureOfLora } from '../architectures/index';
import { METHODS } from '../weights/adapters/index';
import { headerOf, isLoraKey, type Lora, readLora } from '../weights/lora';
import { makingOf } from '../weights/lora-making';
import { triggerWords } from '../weights/trigger-words';
import { byKey, type Part } from './part';

/** Cross attention's keys and values: as wide as the family's text. */
const READS_TEXT = /_attn2_to_[kv]$/;

/** A LoRA, or one of its relatives, of which some are refused by their method's name. */
export const lora: Part = {
  kind: 'lora',
  what: said`a LoRA`,
  recognise: (file) => byKey(file, isLoraKey, said`low-rank factors`),
  report(file) {
    const { metadata } = file;
    const { alias, hash, ...lora } = readLora(file);
    const bases = [metadata['modelspec.architecture'], metadata.ss_base_model_version];
    return {
      kind: 'lora',
      architecture: architectureOfLora(
        textWidthOf(lora),
        bases.filter((base) => base !== undefined),
      ),
      triggerWords: triggerWords(metadata),
      alias,
      hash,
      ...makingOf(lora, metadata),
    };
  },
};

/** Width of the text that a LoRA's modules read; undefined where none tells. */
function textWidthOf({ modules, dict }: Pick<Lora, 'modules' | 'dict'>): number | undefined {
  for (const [name, { keys }] of modules.unet) {
    const header = headerOf(keys, dict);
    const width = READS_TEXT.test(name) && METHODS.find((method) => method.is(header))?.inputs?.(header);
    if (width) return width;
  }
  return undefined;
}
