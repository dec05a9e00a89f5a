import { expect, it } from 'vitest';
import { said } from '../../core/errors';
import type { ChosenDevice } from './device';
import { gpuContext } from './gpu-context';

/** A chosen device whose GPUDevices are counted; each can be lost. */
function counted() {
  const made: { destroyed: boolean; lose(): void }[] = [];
  const openGpu = async () => {
    let lose = () => {};
    const lost = new Promise<unknown>((resolve) => {
      lose = () => resolve({ message: 'lost' });
    });
    const device = {
      lost,
      lose,
      destroyed: false,
      destroy() {
        this.destroyed = true;
      },
    };
    made.push(device);
    return device as unknown as GPUDevice;
  };
  const report = { provider: 'webgpu', precision: 'float32', name: 'a test', threads: 2, reason: said`` } as const;
  return { made, chosen: { report, openGpu } satisfies ChosenDevice };
}

it('is one device from the first session to the last, and another one afterwards', async () => {
  const { made, chosen } = counted();
  const { openGpu, closeGpu } = gpuContext(chosen);
  const [a, b] = await Promise.all([openGpu?.(), openGpu?.()]);
  expect([a === b, made.length]).toEqual([true, 1]);
  closeGpu?.(a as GPUDevice);
  expect(made[0].destroyed).toBe(false);
  closeGpu?.(b as GPUDevice);
  expect(made[0].destroyed).toBe(true);
  expect(await openGpu?.()).not.toBe(a);
});

it('is another device once the one before was lost, whose sessions end by themselves', async () => {
  const { made, chosen } = counted();
  const { openGpu, closeGpu } = gpuContext(chosen);
  const before = (await openGpu?.()) as GPUDevice;
  made[0].lose();
  await before.lost;
  const after = (await openGpu?.()) as GPUDevice;
  expect(after).not.toBe(before);
  closeGpu?.(before);
  expect(made.map(({ destroyed }) => destroyed)).toEqual([true, false]);
  expect(await openGpu?.()).toBe(after);
});

it('that cannot be opened is tried again by the next session', async () => {
  const { made, chosen } = counted();
  let fails = true;
  const openGpu = async () => {
    if (fails) throw new Error('no adapter');
    return chosen.openGpu();
  };
  const context = gpuContext({ ...chosen, openGpu });
  await expect(context.openGpu?.()).rejects.toThrow('no adapter');
  fails = false;
  await context.openGpu?.();
  expect(made).toHaveLength(1);
});

it('shares nothing on the CPU', () => {
  const { report } = counted().chosen;
  const chosen: ChosenDevice = { report: { ...report, provider: 'wasm' } };
  expect(gpuContext(chosen)).toBe(chosen);
});
