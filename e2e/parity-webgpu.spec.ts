import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';

const ROOT = join(import.meta.dirname, '..');
const FIXTURE = 'src/model/fixtures/sd15';

/** The parity command as a person runs it. */
function parity(...args: string[]) {
  const { status, stdout, stderr } = spawnSync('npx', ['tsx', 'src/cli/parity.ts', FIXTURE, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const errors = new Map(
    [...stdout.matchAll(/^ {2}(?:ok|FAIL) +(\S+) {2}(\S+) /gm)].map(([, name, error]) => [name, Number(error)]),
  );
  return { status, stdout, stderr, errors };
}

test('a UNet and a text encoder agree with diffusers on the WebGPU provider', () => {
  test.setTimeout(300_000); // 20 s on two idle cores; a busy machine compiles shaders far more slowly
  const { status, stdout, stderr, errors } = parity('--provider', 'webgpu', '--only', '^(unet.1|text.0)$');
  expect(status, stderr + stdout).toBe(0);
  expect(stdout).toMatch(/^provider webgpu: .+ \((software|hardware) adapter\), float32$/m);
  expect([...errors.keys()]).toEqual(['text.0.last_hidden_state', 'text.0.penultimate', 'text.0.pooled', 'unet.1.out']);
  for (const [name, error] of errors) {
    expect(error, name).toBeGreaterThan(0);
    expect(error, name).toBeLessThanOrEqual(5e-5);
  }
  expect(stdout).toContain('compared 4 of 4');
  const [, sessions, dispatches] =
    /sessions on this adapter: (\d+), each with at least (\d+) compute/.exec(stdout) ?? [];
  expect(Number(sessions)).toBe(2);
  expect(Number(dispatches)).toBeGreaterThanOrEqual(20);
});
