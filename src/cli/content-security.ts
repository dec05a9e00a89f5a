import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin } from 'vite';

/** Where the page may fetch from: models come from any site that a person names. */
const CONNECT = "'self' blob: https:";

/** What threads need: only a cross-origin isolated page has SharedArrayBuffer. */
export const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Headers that a host can send for every file, and that need no knowledge of the page. */
export const HARDENING = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

/** What a browser ignores in a page's own meta element, so that only a host can say it. */
const HEADER_ONLY = "frame-ancestors 'none'";

/** The Content-Security-Policy of a page; its inline scripts are let through by their hashes. */
export function contentSecurityPolicy(html: string): string {
  const inline = Array.from(html.matchAll(/<script>(.*?)<\/script>/gs), ([, script]) => script);
  const hashes = inline.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  return [
    "default-src 'none'",
    ["script-src 'self' 'wasm-unsafe-eval'", ...hashes].join(' '),
    "worker-src 'self'",
    `connect-src ${CONNECT}`,
    "img-src 'self' blob:",
    // Radix and Plot bring style elements of their own, with numbers that no hash foresees; style attributes in markup
    // nobody does.
    "style-src 'self' 'unsafe-inline'",
    "style-src-attr 'none'",
    "font-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    // The policies of `engine/trusted-scripts.ts`.
    'trusted-types easel default',
    "require-trusted-types-for 'script'",
  ].join('; ');
}

/** The same as a header of whatever the page's host sends: workers take theirs from it. */
export const policyHeader = (html: string) => `${contentSecurityPolicy(html)}; ${HEADER_ONLY}`;

/**
 * Writes the policy into the built page, and sends it with everything that `vite preview` serves.
 */
export function contentSecurity(): Plugin {
  let outDir = '';
  return {
    name: 'easel-content-security',
    configResolved: (config) => {
      outDir = resolve(config.root, config.build.outDir);
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, { server }) {
        // The development server's own scripts and styles are inline.
        if (server) return html;
        const meta = `<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(html)}" />`;
        return html.replace(/<meta charset="utf-8" \/>/, `$&\n    ${meta}`);
      },
    },
    configurePreviewServer(server) {
      const policy = policyHeader(readFileSync(join(outDir, 'index.html'), 'utf8'));
      server.middlewares.use((_, response, next) => {
        response.setHeader('Content-Security-Policy', policy);
        next();
      });
    },
  };
}
