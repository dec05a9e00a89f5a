import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tarOf } from './tar';

const NOW = Date.parse('2026-11-29T12:00:00Z');

it('makes an archive that tar unpacks to the same files', async () => {
  const long = `${'folder/'.repeat(20)}${'n'.repeat(80)}.safetensors`;
  const files = {
    'model_index.json': '{}',
    'unet/weights.safetensors': 'x'.repeat(1025),
    'vae/empty': '',
    [long]: 'l',
  };
  const archive = tarOf(
    Object.entries(files).map(([path, text]) => ({ path, file: new Blob([text]) })),
    NOW,
  );
  const folder = mkdtempSync(join(tmpdir(), 'easel-tar-'));
  try {
    writeFileSync(join(folder, 'a.tar'), Buffer.from(await archive.arrayBuffer()));
    execFileSync('tar', ['-xf', 'a.tar'], { cwd: folder });
    for (const [path, text] of Object.entries(files)) expect(readFileSync(join(folder, path), 'utf8')).toBe(text);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('states sizes that eleven octal digits do not hold as GNU tar does', async () => {
  // As GNU tar 1.34 writes the size of a sparse file of 10 GiB.
  const size = 10 * 2 ** 30;
  const large = { size, [Symbol.toPrimitive]: () => '' } as unknown as Blob;
  const head = new Uint8Array(
    await tarOf([{ path: 'unet', file: large }], NOW)
      .slice(0, 512)
      .arrayBuffer(),
  );
  expect([...head.subarray(124, 136)]).toEqual([0x80, 0, 0, 0, 0, 0, 0, 2, 0x80, 0, 0, 0]);
});

it('refuses a path that the format has no room for', () => {
  const file = new Blob(['x']);
  expect(() => tarOf([{ path: 'n'.repeat(101), file }], NOW)).toThrow('too long for an archive');
});
