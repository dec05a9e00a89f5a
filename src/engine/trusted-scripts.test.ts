import { expect, it } from 'vitest';
import { trustOwnFolder, trustScripts } from './trusted-scripts';

type Rules = { createScriptURL?(address: string): string | null; createHTML?(html: string): string | null };

/** Trusted Types that mark what a policy let through. */
function fakeTypes() {
  const policies: Record<string, Rules> = {};
  return {
    policies,
    createPolicy(name: string, rules: Rules) {
      policies[name] = rules;
      return { createScriptURL: (address: string) => ({ trusted: rules.createScriptURL?.(address) }) };
    },
  };
}

it('only the app’s own scripts are started, with Trusted Types and without', () => {
  const types = fakeTypes();
  const trusted = trustScripts(['./worker.js', './service-worker.js'], types);
  expect(trusted('./worker.js')).toEqual({ trusted: './worker.js' });
  expect(() => trusted('./other.js')).toThrow('./other.js is not a script');
  const untyped = trustScripts(['./worker.js'], undefined);
  expect(untyped('./worker.js')).toBe('./worker.js');
  expect(() => untyped('https://example.com/worker.js')).toThrow('is not a script');
});

it('markup that makes elements is refused to libraries; a style sheet’s text is not', () => {
  const types = fakeTypes();
  trustScripts([], types);
  const { createHTML } = types.policies.default;
  expect(createHTML?.('[data-radix-select-viewport]{scrollbar-width:none}')).toContain('scrollbar-width');
  expect(createHTML?.('<img src=x onerror=alert(1)>')).toBeNull();
});

it('a worker’s libraries start what lies in its own folder', () => {
  const types = fakeTypes();
  trustOwnFolder('https://host/easel/assets/worker.js', types);
  const allowed = types.policies.default.createScriptURL;
  expect(allowed?.('https://host/easel/assets/ort.js')).toBe('https://host/easel/assets/ort.js');
  for (const address of ['https://other/assets/ort.js', 'blob:https://host/x', 'data:text/javascript,1', '../other.js'])
    expect(allowed?.(address)).toBeNull();
});
