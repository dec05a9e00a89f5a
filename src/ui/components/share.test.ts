import { afterEach, expect, it, vi } from 'vitest';
import { useNotices } from '../../store/notices';
import { canSharePictures, sharePicture } from './share';

afterEach(() => vi.unstubAllGlobals());

/** A device of fingers or not, whose browser shares pictures or not. */
function device(isCoarse: boolean, canShare: boolean | undefined): void {
  vi.stubGlobal('window', { matchMedia: (query: string) => ({ matches: isCoarse && query === '(pointer: coarse)' }) });
  vi.stubGlobal('navigator', canShare === undefined ? {} : { canShare: () => canShare });
}

it('offers to share pictures on devices of fingers, by browsers that can (ux 38)', () => {
  const cases = [
    [true, true],
    [true, false],
    [true, undefined],
    [false, true],
  ] as const;
  const offered = cases.map(([isCoarse, canShare]) => {
    device(isCoarse, canShare);
    return canSharePictures();
  });
  expect(offered).toEqual([true, false, false, false]);
});

it('hands over the picture as a PNG under its name', async () => {
  const shared: File[] = [];
  vi.stubGlobal('navigator', { share: async ({ files }: { files: File[] }) => void shared.push(...files) });
  await sharePicture(new Blob([Uint8Array.of(1, 2)], { type: 'image/png' }), '00001-1-a fox.png');
  expect(shared.map(({ name, type, size }) => [name, type, size])).toEqual([['00001-1-a fox.png', 'image/png', 2]]);
});

it('says nothing where the person chose no program, and what went wrong otherwise', async () => {
  const share = (thrown: Error) => {
    vi.stubGlobal('navigator', { share: async () => Promise.reject(thrown) });
    return sharePicture(new Blob(['']), 'a.png');
  };
  await share(new DOMException('the person closed the list', 'AbortError'));
  expect(useNotices.getState().notices).toEqual([]);
  await share(new DOMException('no permission', 'NotAllowedError'));
  expect(useNotices.getState().notices.map(({ text }) => text)).toEqual([expect.stringContaining('no permission')]);
});
