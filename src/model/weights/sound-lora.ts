import { type Said, said } from '../../core/errors';
import { decodeFloats, isFloatDtype } from './dtypes';
import type { AdaptedNetwork, AdapterModule, Lora } from './lora';

const checked = new WeakMap<Lora, Promise<Lora>>();

/**
 * A LoRA without the modules that would ruin a picture: training that diverged leaves NaN or infinity in some of them.
 * Those are named among what is unused. All tensors are read for that, one at a time, once for each LoRA.
 * @param signal ends that within a module's tensors
 */
export function soundLora(lora: Lora, signal?: AbortSignal): Promise<Lora> {
  const known = checked.get(lora);
  if (known) return known;
  const sound = withoutUnsound(lora, signal);
  checked.set(lora, sound);
  sound.catch(() => checked.delete(lora)); // it was cancelled, or its file may be readable again
  return sound;
}

async function withoutUnsound(lora: Lora, signal?: AbortSignal): Promise<Lora> {
  const unsound: Said[] = [];
  const soundOf = async (modules: ReadonlyMap<string, AdapterModule>) => {
    const sound = new Map<string, AdapterModule>();
    for (const [name, module] of modules) {
      signal?.throwIfAborted();
      const key = await firstUnsound(lora, module);
      if (key === undefined) sound.set(name, module);
      else unsound.push(said`${name} ("${key}" holds NaN or infinity)`);
    }
    return sound;
  };
  const modules: Record<AdaptedNetwork, ReadonlyMap<string, AdapterModule>> = {
    unet: await soundOf(lora.modules.unet),
    text_encoder: await soundOf(lora.modules.text_encoder),
    text_encoder_2: await soundOf(lora.modules.text_encoder_2),
  };
  return unsound.length === 0 ? lora : { ...lora, modules, unused: [...unsound, ...lora.unused] };
}

async function firstUnsound({ dict }: Lora, { keys }: AdapterModule): Promise<string | undefined> {
  for (const key of Object.values(keys)) {
    const dtype = dict.entries.get(key)?.dtype;
    if (dtype && isFloatDtype(dtype) && !decodeFloats(await dict.read(key), dtype).every(Number.isFinite)) return key;
  }
  return undefined;
}
