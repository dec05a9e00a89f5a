import { EaselError, listed, type Said, said, spoken } from '../../core/errors';
import type { FileKind } from '../../core/file-kinds';
import type { ModelShape } from '../../core/memory-need';
import type { ArchitectureName, Recognition } from '../architectures/architecture';
import type { PredictionType } from '../layouts/facts';
import type { Lora } from '../weights/lora';
import type { LoraMaking } from '../weights/lora-making';
import type { WeightsFile } from '../weights/state-dict';

/** What a .safetensors file can be used as, as its header tells. */
export type FileReport =
  | {
      kind: 'model';
      architecture: ArchitectureName;
      predictionType: PredictionType;
      /** As in `ModelInfo`. */
      predictionKnown: boolean;
      /** Where it is not known and its family's models differ: the person is asked before it is opened. */
      asksPrediction?: true;
      /** Whether it has an autoencoder of its own. */
      hasVae: boolean;
      /** What it takes to run it. */
      shape: ModelShape;
    }
  /** A textual inversion, by the word that stands for it in prompts. */
  | { kind: 'embedding'; word: string }
  /** A LoRA: its family, what a prompt says to call up what it knows, and what the file says of itself. */
  | ({ kind: 'lora'; architecture?: ArchitectureName; triggerWords: readonly string[] } & LoraMaking &
      Pick<Lora, 'alias' | 'hash'>)
  /** Of the others their kind says all. */
  | { kind: Exclude<FileKind, 'model' | 'embedding' | 'lora'> };

/** A kind of file. */
export interface Part {
  readonly kind: string;
  /** With its article, as `a LoRA`. */
  readonly what: Said;
  recognise(file: WeightsFile): Recognition;
  /**
   * What one that was recognised can be used as.
   * @throws EaselError `unsupported` saying why it cannot be used, `corrupt` naming what is damaged.
   */
  report(file: WeightsFile): FileReport;
}

/** A header tells what an autoencoder is whatever its latents are scaled by, which is the model's to say. */
export const ANY_SCALING = 1;

export const keysOf = ({ dict }: WeightsFile): string[] => [...dict.entries.keys()];

export const has = (key: string): Recognition => ({ is: true, because: said`it has "${key}"` });
export const hasNo = (what: Said): Recognition => ({ is: false, because: said`it has no ${what}` });

/** Recognises by the first key that passes. @param what names such keys where there is none, as `key of a LoRA` */
export function byKey(file: WeightsFile, isKey: (key: string) => boolean, what: Said): Recognition {
  const found = keysOf(file).find(isKey);
  return found === undefined ? hasNo(what) : has(found);
}

/** One of the things that a kind which cannot be used may be. */
export interface UnusableForm {
  /** With its article, as `a ControlNet`. */
  what: Said;
  key: RegExp;
  /** Keys that things of another kind have besides. */
  without?: RegExp;
  /** What to say after what it is. */
  instead?: Said;
}

/** A kind that is told by its keys and cannot be used yet, so that a person who brings one is told what it is. */
export function unusable(kind: string, forms: readonly UnusableForm[]): Part {
  const formOf = (keys: readonly string[]) =>
    forms.find(
      ({ key, without }) => keys.some((one) => key.test(one)) && !(without && keys.some((one) => without.test(one))),
    );
  return {
    kind,
    what: forms[0].what,
    recognise(file) {
      const form = formOf(keysOf(file));
      const what = said`keys of ${listed(
        forms.map((one) => one.what),
        ', ',
      )}`;
      return form ? byKey(file, (key) => form.key.test(key), what) : hasNo(what);
    },
    report(file) {
      const { what, key, instead = said`, which Easel cannot use yet.` } = formOf(keysOf(file)) ?? forms[0];
      const { because } = byKey(file, (one) => key.test(one), what);
      throw new EaselError('unsupported', said`${file.path} is ${what}${instead}`, { details: spoken(because) });
    },
  };
}
