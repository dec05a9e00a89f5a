import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Where the page's licences stand beside it. */
const FILE = 'licences.txt';

/** Packages that come built, and what they hold of others. */
const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  '@xenova/transformers': ['@huggingface/jinja', '@huggingface/tokenizers'],
};

/** Texts of packages that come without theirs; onnxruntime's are those of its Python wheel 1.30.0. */
const OWN_TEXTS = join(import.meta.dirname, 'licences');
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-web': ['onnxruntime-LICENSE.txt', 'onnxruntime-ThirdPartyNotices.txt'],
  'onnxruntime-common': ['onnxruntime-LICENSE.txt'],
  'react-remove-scroll-bar': ['react-remove-scroll-bar.txt'],
};

/**
 * Lays the licences of every package that the page or its worker carries into the built page, as one file. Returns a
 * plugin for each. Vite's own `build.license` knows nothing of a worker's packages.
 * @throws Error naming a package whose licence is nowhere to be found
 */
export function licences(): { page: Plugin; worker: Plugin } {
  /** Folders of packages below node_modules. */
  const packages = new Set<string>();
  const collect: Plugin['generateBundle'] = (_, bundle) => {
    for (const output of Object.values(bundle)) {
      for (const id of output.type === 'chunk' ? output.moduleIds : []) {
        const name = packageOf(id);
        if (name === undefined) continue;
        for (const carried of [name, ...(BUILT_IN[name] ?? [])]) packages.add(carried);
      }
    }
  };
  return {
    worker: { name: 'easel-licences-worker', generateBundle: collect },
    page: {
      name: 'easel-licences',
      generateBundle(...args) {
        collect.apply(this, args);
        const source = [...packages].sort().map(licenceOf).join('\n\n');
        this.emitFile({ type: 'asset', fileName: FILE, source });
      },
    },
  };
}

/** The folder below node_modules that a module lies in. */
function packageOf(moduleId: string): string | undefined {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(moduleId.replaceAll('\\', '/'))?.[1];
}

function licenceOf(folder: string): string {
  const path = join(import.meta.dirname, '../../node_modules', folder);
  const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const brought = readdirSync(path).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  const texts = brought.length > 0 ? brought.map((file) => join(path, file)) : (TEXTS[folder] ?? []).map(ownText);
  if (texts.length === 0) throw new Error(`${name} has no licence text: add one to src/cli/licences.`);
  return [`==== ${name} ${version} (${license})`, ...texts.map((file) => readFileSync(file, 'utf8').trim())].join(
    '\n\n',
  );
}

const ownText = (file: string) => join(OWN_TEXTS, file);
