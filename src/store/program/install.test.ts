import { expect, it, vi } from 'vitest';
import { install, useInstall, watchInstall } from './install';

it('keeps the browser’s offer to install for a button, for one question', async () => {
  const page = new EventTarget();
  const stop = watchInstall(page);
  const offer = () => Object.assign(new Event('beforeinstallprompt', { cancelable: true }), { prompt: vi.fn() });
  const first = offer();
  page.dispatchEvent(first);
  expect(first.defaultPrevented).toBe(true);
  expect(useInstall.getState().offer).toBe(first);
  await install();
  expect(first.prompt).toHaveBeenCalledOnce();
  expect(useInstall.getState().offer).toBe(undefined);
  page.dispatchEvent(offer());
  page.dispatchEvent(new Event('appinstalled')); // by the browser's own menu
  expect(useInstall.getState().offer).toBe(undefined);
  stop();
});
