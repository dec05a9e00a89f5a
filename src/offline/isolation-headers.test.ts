import { expect, it } from 'vitest';
import { isolated } from './isolation-headers';

const COOP = 'Cross-Origin-Opener-Policy';
const COEP = 'Cross-Origin-Embedder-Policy';
const policies = ({ headers }: Response) => [headers.get(COOP), headers.get(COEP)];

it('isolates pages and workers whose host does not, and leaves all else as it came', async () => {
  const plain = new Response('x', { status: 201, headers: { 'Content-Type': 'text/html', [COOP]: 'unsafe-none' } });
  expect(isolated(plain, 'image')).toBe(plain);
  const made = isolated(plain, 'document');
  expect(policies(made)).toEqual(['same-origin', 'require-corp']);
  expect([made.status, made.headers.get('Content-Type'), await made.text()]).toEqual([201, 'text/html', 'x']);
  expect(policies(isolated(new Response('x'), 'worker'))).toEqual(['same-origin', 'require-corp']);
  expect(isolated(new Response(null, { status: 304 }), 'document').status).toBe(304);
});

it('leaves a host its own way to isolate', () => {
  const own = new Response('x', { headers: { [COOP]: 'same-origin', [COEP]: 'credentialless' } });
  expect(isolated(own, 'document')).toBe(own);
});
