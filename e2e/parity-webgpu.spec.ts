import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'playwright/test';

const ROOT = join(import.meta.dirname, '..');

/** The parity command as a person runs it, on WebGPU; the relative error of each output that it printed. */
async function parityOnWebGpu(...args: string[]): Promise<Map<string, number>> {
  const parity = spawn(process.execPath, ['--import', 'tsx', 'src/cli/parity.ts', '--provider', 'webgpu', ...args], {
    cwd: ROOT,
    // Before the test's own time is over, so that what it printed is told.
    timeout: 540_000,
  });
  const ended = once(parity, 'exit');
  const [stdout, stderr] = await Promise.all([text(parity.stdout), text(parity.stderr)]);
  const [status] = await ended;
  expect(status, stderr + stdout).toBe(0);
  expect(stdout).toMatch(/^provider webgpu: .+ \((software|hardware) adapter\), float32$/m);
  const lines = [...stdout.matchAll(/^ {2}ok +(\S+) {2}(\S+) {2}\(at most /gm)];
  expect(stdout).toContain(`compared ${lines.length} of ${lines.length}\n`);
  // Nothing else computed it: every session sent work to the adapter.
  const build = args.includes('--asyncify') ? 'asyncify' : 'jspi';
  const proof = new RegExp(
    `^${build} build: \\d+ sessions on this adapter, each with at least [1-9]\\d* dispatches$`,
    'm',
  );
  expect(stdout).toMatch(proof);
  return new Map(lines.map(([, name, error]) => [name, Number(error)]));
}

test('a UNet and a text encoder agree with diffusers on the WebGPU provider', async () => {
  const errors = await parityOnWebGpu('src/model/fixtures/sd15', '--only', '^(unet.1|text.0)$');
  expect([...errors.keys()]).toEqual(['text.0.last_hidden_state', 'text.0.penultimate', 'text.0.pooled', 'unet.1.out']);
  for (const [name, error] of errors) expect(error, name).toBeLessThanOrEqual(1e-5);
});

for (const build of ['JSPI', 'Asyncify'] as const) {
  test(`layers with kernels of their own on WebGPU agree with their formulas, ${build} build`, async () => {
    const layers = ['conv.9-to-32', 'conv.halve-after', 'groupnorm.silu', 'attention.cross', 'geglu', 'timestep'];
    const flags = build === 'Asyncify' ? ['--asyncify'] : [];
    const errors = await parityOnWebGpu('--layers', ...flags, '--only', `^(${layers.join('|')})$`);
    expect([...errors.keys()]).toEqual(layers);
    for (const [name, error] of errors) expect(error, name).toBeLessThanOrEqual(1e-6);
  });
}
