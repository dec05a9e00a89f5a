import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { contentSecurityPolicy } from './content-security';

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');

it('lets the page’s own inline scripts through by what they say, byte for byte', () => {
  const page = (script: string) =>
    `<head><script>${script}</script><script type="module" src="./a.js"></script></head>`;
  const script = '\n  // ü\n  dark();\n';
  const policy = contentSecurityPolicy(page(script));
  expect(policy).toContain(`script-src 'self' 'wasm-unsafe-eval' 'sha256-${sha256(script)}';`);
  expect(policy.match(/sha256-/g)).toHaveLength(1);
  expect(contentSecurityPolicy(page(`${script} `))).not.toBe(policy);
  expect(contentSecurityPolicy('<head></head>')).toContain("script-src 'self' 'wasm-unsafe-eval';");
  expect(policy).not.toMatch(/'unsafe-eval'|\*|http:|data:/);
  // Other sites are there to download models from, and for nothing else.
  expect(policy.split('; ').filter((directive) => directive.includes('https:'))).toEqual([
    "connect-src 'self' blob: https:",
  ]);
});
