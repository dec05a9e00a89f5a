import { afterEach, expect, it, vi } from 'vitest';
import { saysShortage, watchShortage } from './shortage';

afterEach(() => vi.unstubAllGlobals());

class OutOfMemory extends Error {}

it('is heard of once for all sessions of a device; other errors are onnxruntime’s to report', () => {
  vi.stubGlobal('GPUOutOfMemoryError', OutOfMemory);
  const target = new EventTarget();
  const gpu = target as GPUDevice;
  const [one, other] = [watchShortage(gpu), watchShortage(gpu)];
  const raise = (error: Error) => target.dispatchEvent(Object.assign(new Event('uncapturederror'), { error }));
  raise(new Error('validation'));
  expect(one.message).toBeUndefined();
  raise(new OutOfMemory('no room for 2 GiB'));
  raise(new OutOfMemory('no room for 1 GiB'));
  expect([one.message, other.message]).toEqual(['no room for 2 GiB', 'no room for 2 GiB']);
  expect(watchShortage(new EventTarget() as GPUDevice).message).toBeUndefined();
});

it.each([
  ['std::bad_alloc', true],
  ["Can't create a session. ERROR_CODE: 6, bad allocation: std::bad_alloc", true],
  ['vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY', true],
  ['D3D12 create heap failed with E_OUTOFMEMORY: Out of memory', true],
  ['Array buffer allocation failed', true],
  ['Buffer size (4 GiB) exceeds the max buffer size limit', true],
  ['A valid external Instance reference no longer exists.', false],
])('is told from other failures by the message: %s', (message, is) => {
  expect(saysShortage(message)).toBe(is);
});
