import { EaselError, said } from '../../core/errors';
import { FIELDS, fieldLabel } from '../../core/request/fields';
import type { ConditioningAt, Context } from '../conditioning';
import type { PaintRun } from '../run';
import { encodeText } from './encode-text';

/**
 * What the model is told at each of its calls: the prompts, a class, or nothing.
 * @throws as `encodeText`; EaselError `bad-request` for a class that the model does not have
 */
export async function condition(run: PaintRun): Promise<ConditioningAt> {
  const { conditioning } = run.model.info;
  switch (conditioning) {
    case 'text':
      return encodeText(run);
    case 'class':
      return ofClass(run);
    case 'none':
      return always(NOTHING);
    default:
      conditioning satisfies never;
      throw new RangeError(`Unknown conditioning "${String(conditioning)}".`);
  }
}

const NOTHING: Context = { states: new Float32Array(0), tokens: 0 };

const always =
  (context: Context, uncond?: Context, text?: string): ConditioningAt =>
  async () => ({ prompts: [{ context, weight: 1 }], uncond, text });

/** Guided away from the class that stands for none, where the model has one. */
async function ofClass({ model, request }: PaintRun): Promise<ConditioningAt> {
  const { classes = 0, nullClass } = model.info;
  const { classLabel = FIELDS.classLabel.default, cfgScale } = request;
  if (classLabel >= classes)
    throw new EaselError(
      'bad-request',
      said`${fieldLabel('classLabel')} must be at most ${classes - 1} with this model.`,
    );
  const context = await model.encodeClass(classLabel);
  const guided = nullClass !== undefined && cfgScale !== 1;
  return always(context, guided ? await model.encodeClass(nullClass) : undefined, String(classLabel));
}
