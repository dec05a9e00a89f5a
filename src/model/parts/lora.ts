import { isLoraKey, readLora } from '../weights/lora';
import { byKey, type Part } from './part';

/** A LoRA, or one of its relatives, of which some are refused by their method's name. */
export const lora: Part = {
  kind: 'lora',
  what: 'a LoRA',
  recognise: (file) => byKey(file, isLoraKey, 'low-rank factors'),
  report(file) {
    readLora(file);
    return { kind: 'lora' };
  },
};
