import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { expect, it } from 'vitest';
import { WEB_MANIFEST } from './page-words';
import { ROOT } from './prepare.mjs';

const read = (path: string) => readFileSync(join(ROOT, 'public', path));
const manifest = JSON.parse(JSON.stringify(WEB_MANIFEST));

/** Width and height that a JPEG's frame header states (ITU-T T.81, B.2.2: SOF0 to SOF2). */
function sizeOfJpeg(bytes: Buffer): string {
  const isFrame = (at: number) => bytes[at] === 0xff && bytes[at + 1] >= 0xc0 && bytes[at + 1] <= 0xc2;
  let at = 2;
  while (!isFrame(at)) at += 2 + bytes.readUInt16BE(at + 2);
  return `${bytes.readUInt16BE(at + 7)}x${bytes.readUInt16BE(at + 5)}`;
}

function sizeOf(path: string): string {
  if (path.endsWith('.svg')) return 'any';
  if (!path.endsWith('.png')) return sizeOfJpeg(read(path));
  const { width, height } = decode(read(path));
  return `${width}x${height}`;
}

it('shows icons and screenshots that are there, as large as it says', () => {
  const shown: { src: string; sizes: string }[] = [...manifest.icons, ...manifest.screenshots];
  expect(shown.map(({ src }) => sizeOf(src))).toEqual(shown.map(({ sizes }) => sizes));
});

it('has what installing, opening files and sharing take', () => {
  // Chromium installs with icons of 192 and 512 pixels, and shows screenshots of wide and narrow windows.
  expect(manifest.icons.map(({ sizes, purpose }: Record<string, string>) => `${sizes} ${purpose}`)).toEqual(
    expect.arrayContaining(['192x192 any', '512x512 any', '512x512 maskable']),
  );
  expect(manifest.screenshots.map((shot: Record<string, string>) => shot.form_factor)).toEqual(['wide', 'narrow']);
  expect(manifest).toMatchObject({ id: './', start_url: './', scope: './', display: 'standalone' });
  const opened = manifest.file_handlers.flatMap(({ accept }: { accept: object }) => Object.values(accept).flat());
  expect(opened).toEqual(expect.arrayContaining(['.png', '.jpg', '.webp', '.avif', '.safetensors']));
  expect(manifest.share_target).toMatchObject({ action: './share', method: 'POST', enctype: 'multipart/form-data' });
});
