import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseSync } from 'vite';
import { describe, expect, it } from 'vitest';
import { en } from './texts/table';

const SRC = import.meta.dirname;

/** From the ground up; beside them stand what a cancel is and how JSON is read, which any of them may ask. */
const MODEL_LAYERS = ['graph', 'weights', 'layouts', 'runtime', 'architectures', 'parts', 'running'];

/** Where a file stands in the design's table of layers; `diffusion`, `text` and `image` are apart within core. */
function layerOf(path: string): string {
  const [top, second] = path.split('/');
  if (top === 'core' && ['diffusion', 'text', 'image', 'request'].includes(second)) return `core/${second}`;
  if (top === 'model' && MODEL_LAYERS.includes(second)) return `model/${second}`;
  if (path.startsWith('store/reading/')) return 'store/reading';
  if (path.startsWith('engine/'))
    // The worker's address is for the page, its code is not.
    return /engine\/(client|answers|protocol|methods|isolation|spawn|trusted-scripts|worker\?worker&url)(\.ts)?$/.test(
      path,
    )
      ? 'engine/client'
      : 'engine/worker';
  return second === undefined ? 'root' : top;
}

/** All of core, for layers above it. */
const CORE = ['core', 'core/diffusion', 'core/text', 'core/image', 'core/request'];

/** What a layer of `model` may import of those below it. */
const modelBelow = (layer: string) => MODEL_LAYERS.slice(0, MODEL_LAYERS.indexOf(layer)).map((name) => `model/${name}`);

/** Which layers a layer may import from, itself aside. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'core/diffusion': ['core'],
  'core/text': ['core'],
  'core/image': ['core'],
  'core/request': ['core', 'core/diffusion', 'core/text', 'core/image'],
  'model/graph': ['core', 'model', 'model/weights'],
  'model/weights': ['core', 'core/request', 'model', 'model/graph'],
  'model/layouts': ['core', 'model', 'model/graph', 'model/weights'],
  'model/runtime': ['core', 'model', 'model/graph', 'model/weights'],
  'model/architectures': ['core', 'core/diffusion', 'core/request', 'model', ...modelBelow('architectures')],
  'model/parts': ['core', 'core/text', 'model', ...modelBelow('parts')],
  'model/running': ['core', 'core/diffusion', 'core/request', 'core/text', 'model', ...modelBelow('running')],
  model: ['core'],
  pipeline: [...CORE, 'model'],
  jobs: [...CORE],
  'engine/client': ['core', 'core/image', 'core/request'],
  'engine/worker': [
    ...CORE,
    'model',
    'model/weights',
    'model/runtime',
    'model/parts',
    'model/running',
    'pipeline',
    'jobs', // which adapters a request uses
    'engine/client',
  ],
  // A worker of its own; the page shares its ports and its ground.
  library: ['core'],
  // The service worker, and what the page shares with it.
  offline: ['core'],
  editor: ['core', 'core/image'],
  // A worker of its own: nothing of the page's state may come along.
  'store/reading': ['core', 'core/image', 'core/request', 'editor'],
  // The words of the page, and those that the tables of core, the editor and the library bring along.
  texts: [...CORE, 'editor', 'library'],
  store: [...CORE, 'texts', 'jobs', 'editor', 'engine/client', 'library', 'offline', 'store/reading'],
  ui: [...CORE, 'texts', 'jobs', 'store', 'editor', 'engine/client', 'library'],
  // Drivers and doubles, for tests, benches and the command line.
  testing: ['core', 'core/image', 'editor'],
  cli: [
    ...CORE,
    'texts', // what the build writes beside the page
    'testing',
    'model',
    ...MODEL_LAYERS.map((name) => `model/${name}`),
    'pipeline',
    'library',
    'offline',
    'jobs',
    'editor',
    'store', // its functions of text, which the bench measures
  ],
  root: ['core', 'texts', 'engine/client', 'library', 'store', 'store/reading', 'ui'],
};

/** The store's folders; each may import those before it, and what stands beside them, which imports none. */
const STORE_ORDER = [
  'persistence',
  'lists',
  'settings',
  'gallery',
  'canvas',
  'library',
  'jobs',
  'imports',
  'program',
  'backup',
];

/** Which layers a layer may besides name types of: nothing of their code comes along. */
const MAY_IMPORT_TYPES: Readonly<Record<string, readonly string[]>> = {
  pipeline: ['model/runtime', 'model/running'],
  jobs: ['model', ...MODEL_LAYERS.map((name) => `model/${name}`)],
  library: ['model/weights'],
  'engine/client': ['jobs', 'model/layouts', 'model/runtime', 'model/parts', 'model/running'],
};

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

const IMPORT =
  /^\s*(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\(\s*'([^']+)'/gm;

function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(([, type, a, b, c]) => ({
    from: file,
    to: a ?? b ?? c,
    typeOnly: type !== undefined,
  }));
}

/** Why an import may not stand; undefined when it may. */
function objection({ from, to, typeOnly }: Import): string | undefined {
  const layer = layerOf(from);
  if (/^[./]+package\.json$/.test(to)) return undefined; // the program's version
  // What the page knows of its own model before it is fetched.
  if (/^store\/library\/(starter|emblems)\.ts$/.test(from) && /^[./]+models\/(starter|emblems)\/[\w/]+\.json$/.test(to))
    return undefined;
  if (!to.startsWith('.')) {
    if (to.startsWith('onnxruntime-web') && from !== 'model/runtime/ort.ts')
      return 'only model/runtime/ort.ts imports onnxruntime-web';
    if (layer.startsWith('core') && !from.includes('.test.')) return 'core imports nothing from outside';
    return undefined;
  }
  const path = relative(SRC, resolve(SRC, dirname(from), to));
  const target = layerOf(path);
  if (layer === 'store' && target === 'store') return storeObjection(from, path);
  if (target === layer || MAY_IMPORT[layer]?.includes(target)) return undefined;
  if (typeOnly && MAY_IMPORT_TYPES[layer]?.includes(target)) return undefined;
  return `${layer} may not import ${target}`;
}

function storeObjection(from: string, to: string): string | undefined {
  const [folder, target] = [from, to].map((path) => (path.split('/').length > 2 ? path.split('/')[1] : undefined));
  const [floor, below] = [folder, target].map((name) => (name === undefined ? -1 : STORE_ORDER.indexOf(name)));
  const isKnown = folder === undefined || floor >= 0;
  if (isKnown && below <= floor) return undefined;
  return `store/${folder ?? ''} may not import store/${target}`;
}

/**
 * Lines that are comments, or end in one, and pass 120 columns: the formatter wraps none. What it is told must be one
 * line.
 */
function wideComments(text: string): string[] {
  const wide = text.split('\n').filter((line) => line.length > 120 && !line.includes('biome-ignore'));
  return wide.filter((line) => /^\s*(\/\*|\*|\/\/)|\s\/\/ |\*\/\}?$/.test(line));
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'),
);
const shippedFiles = files.filter((file) => !/\.test\.|\/fixtures\//.test(file));
const imports = files.flatMap((file) => importsOf(file, readFileSync(join(SRC, file), 'utf8')));

/** Tests and their fixtures may reach for real models and goldens; what ships may not. */
const shipped = imports.filter(({ from }) => !/\.test\.|\/fixtures\//.test(from));

/** What a function may have of lines, and the one that may have more: a facade that names all that an editor does. */
const MAX_LINES = 60;
const FACADE = 'editor/editor.ts createEditor';

/** Every function in a file by name, with its lines; what has no name goes by its first words. */
function functionsIn(file: string, text: string): { name: string; lines: number }[] {
  const found: { name: string; lines: number }[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, start, end, id, body } = node as Record<string, never>;
    if (/Function/.test(type ?? '') && body) {
      const source = text.slice(start, end).split('\n');
      found.push({ name: `${file} ${(id as { name: string } | null)?.name ?? source[0]}`, lines: source.length });
    }
    for (const inner of Object.values(node)) visit(inner);
  };
  visit(parseSync(file, text).program);
  return found;
}

/** Attributes that no one reads, and those that are read whatever stands in them. */
const NOT_SHOWN =
  /^(aria-(controls|describedby)|className|d|data-.*|field|href|id|key|name|path|stroke|style|fill|target|rel|src|type)$/;
const SHOWN =
  /^(alt|aria-(description|label|roledescription|valuetext)|description|help|label|placeholder|text|title)$/;
const KEY = /^(Alt|Arrow(Down|Left|Right|Up)|Backspace|Control\+Enter|Delete|End|Enter|Escape|Home|Shift|Tab)$/;
/** A selector, a function of CSS, what is dragged, the name of an error; then names and keys of the store. */
const NOT_WORDS =
  /^([.#[].*|[a-z-]+\(.*\)|Files|\w+Error|ViewNotLoaded|easel\.jobs …|tile … … …|Easel Starter|r-esrgan .*)$/;
/** What is painted to try a model, and the name that a reader of files gives to what it has just written itself. */
const NOT_SAID = /^(a red apple on a white background|The picture)$/;

/** What is taken for words: between tags and where a label stands any letter, elsewhere a sentence or a capital. */
const WORDS = {
  JSXText: /\p{L}/u,
  Literal: /(?<!\p{L})\p{Lu}\p{Ll}|\p{L},? \p{L}/u,
  TemplateLiteral: /(?<!\p{L})\p{Lu}\p{Ll}|(?<![-\p{L}])\p{L}+ | \p{L}/u,
};

/** Words that a file has between tags or in quotes, instead of in the table of texts. */
function wordsIn(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown, isLabel: boolean): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, source, name, value, quasis, callee, start, end } = node as Record<string, never>;
    if (source || /^TS/.test(type ?? '')) return; // imports, and types
    if (type === 'NewExpression' && /Error$/.test((callee as { name: string }).name)) return; // for whoever programs
    if (isSentence(node)) return; // in the table of errors'
    const attribute = type === 'JSXAttribute' ? (name as { name: string }).name : '';
    if (NOT_SHOWN.test(attribute)) return;
    const pattern = isLabel ? WORDS.JSXText : WORDS[type as keyof typeof WORDS];
    const parts = quasis ? (quasis as { value: { cooked: string } }[]).map((part) => part.value.cooked) : [value];
    const shown = parts.every((part) => typeof part === 'string') ? parts.join('…') : '';
    if (type in WORDS && pattern.test(shown) && ![KEY, NOT_WORDS, NOT_SAID].some((known) => known.test(shown)))
      found.push(`${file}: ${text.slice(start, end).trim()}`);
    for (const inner of Object.values(node)) visit(inner, SHOWN.test(attribute));
  };
  visit(parseSync(file, text).program, false);
  return found;
}

/** said`...`, and in it what stands for its values. */
interface Sentence {
  words: readonly string[];
  values: readonly unknown[];
}

const isSentence = (node: unknown): boolean => {
  const { type, tag } = node as { type?: string; tag?: { name?: string } };
  return type === 'TaggedTemplateExpression' && tag?.name === 'said';
};

/** What the errors of a file say. */
function sentencesIn(file: string, text: string): Sentence[] {
  const found: Sentence[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (isSentence(node)) {
      const { quasis, expressions } = (
        node as { quasi: { quasis: { value: { cooked: string } }[]; expressions: unknown[] } }
      ).quasi;
      found.push({ words: quasis.map(({ value }) => value.cooked), values: expressions });
    }
    for (const inner of Object.values(node)) visit(inner);
  };
  visit(parseSync(file, text).program);
  return found;
}

/** fieldLabel('steps'): the page has that in its table. */
const isLabel = (node: unknown): boolean => {
  const { type, callee } = node as { type?: string; callee?: { name?: string } };
  return type === 'CallExpression' && /Label$/.test(callee?.name ?? '');
};

/** Whether a value brings words of its own, which another language could not say; a table's label does. */
function hasWords(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || isSentence(value) || isLabel(value)) return false;
  const { type, value: literal, property } = value as { type?: string; value?: unknown; property?: { name?: string } };
  if (type === 'MemberExpression' && property?.name === 'label') return true;
  if (type === 'Literal' && typeof literal === 'string') return /\p{L} | \p{L}|^\p{L}{3,}/u.test(literal);
  return Object.values(value).some(hasWords);
}

/** A string as the formatter writes it. */
function quoted(text: string): string {
  const quote = text.includes("'") && text.split("'").length > text.split('"').length ? '"' : "'";
  const escaped = text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replaceAll(quote, `\\${quote}`);
  return quote + escaped + quote;
}

/** The table of what errors say, by folder, as a file. */
function sentenceTable(of: readonly (readonly [folder: string, sentences: readonly string[]])[]): string {
  return `${[
    '/**',
    ' * What errors and notes say, by the folder that says it, with `{0}` where a value stands: the keys of another language.',
    ' * Written by `npx vitest run src/architecture.test.ts --update` from the sentences where they stand.',
    ' */',
    'export type ErrorSentence =',
    ...of.flatMap(([folder, sentences]) => [`  // ${folder}`, ...sentences.map((text) => `  | ${quoted(text)}`)]),
  ].join('\n')};\n`;
}

/** Stands for what is said by a value, in a text and in what looks for one. */
const VALUE = '\u{fffc}';

/** The texts of the table; those that are made from values with VALUE in their places. */
function textsOf(table: unknown): string[] {
  if (typeof table === 'string') return [table];
  if (Array.isArray(table)) return [table.map((part) => (typeof part === 'string' ? part : VALUE)).join('')];
  if (typeof table === 'object' && table !== null) return Object.values(table).flatMap(textsOf);
  if (typeof table !== 'function') return [];
  const ofAny = new Proxy({}, { get: (_, key) => (key === Symbol.toPrimitive ? () => VALUE : VALUE) });
  const made = [VALUE, Number.NaN, [VALUE], ofAny].flatMap((value) => {
    try {
      return textsOf(table(...Array.from({ length: 6 }, () => value)));
    } catch {
      return []; // it takes values of another kind
    }
  });
  return made.map((text) => text.replaceAll(/NaN/g, VALUE));
}

/** A prompt that the lab paints, and prose of the catalogue: what is looked for with these words is content. */
const { example, ...labTexts } = en.lab;
const { catalogue, ...sections } = en;
const PIECES = new Set(
  textsOf({ ...sections, lab: labTexts }).flatMap((text) =>
    text.split(VALUE).filter((piece) => /\p{L}{2}/u.test(piece)),
  ),
);

/** Whether someone looks for a text of the table by writing it, or a part of it, once more. */
function standsInTable(literal: string): boolean {
  const parts = literal.split(VALUE).filter((part) => /\p{L}{2}/u.test(part));
  return parts.some((part) => {
    const isName = /^\P{L}*\p{Lu}/u.test(part); // content of one word is written small
    return [...PIECES].some(
      (piece) =>
        (isName && piece.trim() === part.trim()) ||
        (isName && /^\p{Lu}.{4,} $/u.test(piece) && part.startsWith(piece)) ||
        (part.length >= 8 && /\p{L} \p{L}/u.test(part) && piece.includes(part)),
    );
  });
}

/** What finds elements of the page by what they say, or compares that; then what tests wrap around it. */
const FINDS =
  /^(card|dropAs|menu|more|said|getBy(AltText|Label|Placeholder|Role|Text|Title)|filter|toContainText|toHave(AccessibleName|Text)|begins|either|like)$/;

/** Literals of a browser test that find an element by a text which stands in the table. */
function textsWrittenIn(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown, finds: boolean): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, source, value, regex, quasis, callee, start, end, ...rest } = node as Record<string, never>;
    if (source || /^TS.*Type/.test(type ?? '')) return; // imports, and types
    if (type === 'CallExpression') {
      const name =
        (callee as { property?: { name: string }; name?: string }).property?.name ??
        (callee as { name?: string }).name ??
        '';
      visit(callee, finds);
      for (const [at, argument] of (rest.arguments as object[]).entries())
        if (name !== 'getByRole' || at > 0) visit(argument, FINDS.test(name));
      return;
    }
    const pattern = (regex as { pattern: string } | undefined)?.pattern
      .replace(/\\d[+*]?|\.[+*]|[\^$()|]/g, VALUE)
      .replaceAll('\\', '');
    const parts = quasis
      ? (quasis as { value: { cooked: string } }[]).map((part) => part.value.cooked)
      : [pattern ?? value];
    if (
      finds &&
      /Literal$/.test(type) &&
      parts.every((part) => typeof part === 'string') &&
      standsInTable(parts.join(VALUE))
    )
      found.push(`${file}: ${text.slice(start, end)}`);
    for (const inner of Object.values({ ...rest, value, quasis, callee })) visit(inner, finds);
  };
  visit(parseSync(file, text).program, false);
  return found;
}

/** A file without its comments. */
const codeOf = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|\s\/\/ .*$/gm, '');

describe('architecture', () => {
  it('imports only in the directions of the design', () => {
    const wrong = shipped.map((item) => [item, objection(item)] as const).filter(([, reason]) => reason !== undefined);
    expect(wrong.map(([{ from, to }, reason]) => `${from} -> ${to}: ${reason}`)).toEqual([]);
  });

  it('has no cycle of imports, types included', () => {
    const edges = new Map<string, string[]>();
    const known = new Set(files.map((file) => file.replace(/\.tsx?$/, '')));
    for (const { from, to } of shipped) {
      if (!to.startsWith('.')) continue;
      const path = relative(SRC, resolve(SRC, dirname(from), to));
      const target = known.has(path) ? path : `${path}/index`;
      const key = from.replace(/\.tsx?$/, '');
      if (known.has(target)) edges.set(key, [...(edges.get(key) ?? []), target]);
    }
    const done = new Set<string>();
    const visit = (node: string, path: readonly string[]): void => {
      if (path.includes(node)) throw new Error(`cycle: ${[...path.slice(path.indexOf(node)), node].join(' -> ')}`);
      if (done.has(node)) return;
      for (const next of edges.get(node) ?? []) visit(next, [...path, node]);
      done.add(node);
    };
    expect(() => {
      for (const node of edges.keys()) visit(node, []);
    }).not.toThrow();
  });

  it('keeps the pipeline to short files, and its recipes to lists of stages', () => {
    const lines = (file: string) => readFileSync(join(SRC, file), 'utf8').split('\n').length - 1;
    const pipeline = files.filter((file) => /^pipeline\/(?!fixtures\/)/.test(file) && !file.includes('.test.'));
    expect(pipeline.filter((file) => lines(file) > (file.includes('/recipes/') ? 30 : 120))).toEqual([]);
  });

  it('has functions of at most 60 lines', () => {
    const texts = shippedFiles.map((file) => [file, readFileSync(join(SRC, file), 'utf8')] as const);
    const longer = texts.filter(([, text]) => text.split('\n').length > MAX_LINES);
    const long = longer
      .flatMap(([file, text]) => functionsIn(file, text))
      .filter(({ name, lines }) => lines > MAX_LINES && name !== FACADE);
    expect(long).toEqual([]);
    const [outer, inner] = functionsIn('a.tsx', 'function a() {\n  return () => {\n    b();\n  };\n}');
    expect([outer, inner].map(({ lines }) => lines)).toEqual([5, 3]);
  });

  it('has the words of the page in the table of texts', () => {
    const moved = shippedFiles.filter((file) => /^(ui|store)\//.test(file));
    expect(moved.flatMap((file) => wordsIn(file, readFileSync(join(SRC, file), 'utf8')))).toEqual([]);
    const found = (code: string) => wordsIn('a.tsx', code).map((line) => line.replace('a.tsx: ', ''));
    expect(found('<p className="a b" data-a="b c" label="save">{a ? "end" : "Left over"} waits</p>')).toEqual([
      '"save"',
      '"Left over"',
      'waits',
    ]);
    expect(found(`f('two words', \`\${a} of\`, \`\${id}-of\`, 'one');`)).toEqual(["'two words'", `\`\${a} of\``]);
    expect(found("import { x } from 'A b';\nconst y: 'Ab c' = event.key === 'Enter' ? 'plain' : z;")).toEqual([]);
  });

  it('has one kind of hint: no control has a title, which fingers and keys do not bring up (ux 29)', () => {
    const control = /<(a|button|input|select|textarea)\b[^>]*?\stitle=/;
    const titled = shippedFiles.filter((file) => control.test(readFileSync(join(SRC, file), 'utf8')));
    expect(titled).toEqual([]);
    expect(control.test('<button\n  type="button"\n  title={hint}')).toBe(true);
  });

  it('has browser tests that find what the page says by the table of texts', () => {
    const e2e = join(SRC, '../e2e');
    const tests = readdirSync(e2e, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /^(fixtures\/)?[^/]*\.ts$/.test(file),
    );
    expect(tests.length).toBeGreaterThan(30);
    expect(tests.flatMap((file) => textsWrittenIn(file, readFileSync(join(e2e, file), 'utf8')))).toEqual([]);
    const written = (code: string) => textsWrittenIn('a.ts', code).length;
    for (const finds of [
      "page.getByRole('button', { name: 'Generate' })",
      'page.getByText(/^Weight of \\w+/)',
      'expect(page).toContainText(`The browser did not allow copying`)',
      "page.filter({ hasText: 'is animated' })",
      "page.getByText('Remove fox')",
    ])
      expect(written(finds), finds).toBe(1);
    expect(written("page.getByRole('button', { name: en.queue.remove('Fox') })")).toBe(0);
    expect(written("page.getByText('a fox in snow'); prompt.fill('Generate');")).toBe(0);
  });

  it('has what errors say in a table of its own, and none of its words in what stands for values', async () => {
    const shown = shippedFiles.filter((file) => !/^(cli|testing)\//.test(file)).sort();
    const sentences = shown.flatMap((file) =>
      sentencesIn(file, readFileSync(join(SRC, file), 'utf8')).map((sentence) => ({ file, ...sentence })),
    );
    expect(
      sentences.filter(({ values }) => values.some(hasWords)).map(({ file, words }) => `${file}: ${words.join('…')}`),
    ).toEqual([]);
    const words = sentences.filter((sentence) => sentence.words.some((part) => /\p{L}/u.test(part)));
    const said = new Map<string, Set<string>>();
    const known = new Set<string>();
    for (const { file, words: parts } of words) {
      const template = parts.reduce((before, part, at) => `${before}{${at - 1}}${part}`);
      if (known.has(template)) continue;
      known.add(template);
      const [folder] = file.split('/');
      said.set(folder, (said.get(folder) ?? new Set()).add(template));
    }
    const table = sentenceTable([...said].map(([folder, templates]) => [folder, [...templates].sort()]));
    await expect(table).toMatchFileSnapshot('texts/error-sentences.ts');
    const found = sentencesIn('a.ts', `said\`It takes \${a ? 'a VAE' : b} and \${a ? said\`a decoder\` : ''}.\``);
    expect(found[0].values.map(hasWords)).toEqual([true, false]);
    const [{ values }] = sentencesIn(
      'a.ts',
      `said\`Set \${fieldLabel('steps')} of \${entry.label} to \${shown('none')}.\``,
    );
    expect(values.map(hasWords)).toEqual([false, true, true]);
  });

  it('has the program’s version from package.json alone', () => {
    const { version } = JSON.parse(readFileSync(join(SRC, '../package.json'), 'utf8'));
    const written = new RegExp(`Easel ${version.replaceAll('.', '\\.')}`);
    const naming = shippedFiles.filter((file) => written.test(readFileSync(join(SRC, file), 'utf8')));
    expect(naming).toEqual([]);
  });

  it('knows how architectures differ in one place', () => {
    // The catalogue has repositories' names as they are.
    const outside = files.filter(
      (file) => !/^(model\/architectures|cli)\/|^library\/catalogue|\/fixtures\/|\.test\./.test(file),
    );
    const names = /\b(?:sd1|sd15|sd2|sdxl)\b/;
    expect(outside.filter((file) => names.test(codeOf(readFileSync(join(SRC, file), 'utf8'))))).toEqual([]);
    expect(names.test(codeOf("/* sdxl */ const space = 'sdxl';"))).toBe(true);
    expect(names.test(codeOf('f(); // as in sdxl\n/** sd15 */'))).toBe(false);
  });

  it('keeps the store in its folders: at most six files stand beside them', () => {
    const beside = readdirSync(join(SRC, 'store'), { withFileTypes: true }).filter((entry) => !entry.isDirectory());
    expect(beside.length).toBeLessThanOrEqual(6);
  });

  it('has no folder for leftovers', () => {
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|common|lib|misc)\//.test(file))).toEqual([]);
  });

  it('has no test that puts its own in place of a module where tests share what they import (vite.config.ts)', () => {
    const sharing =
      /^(core|editor|jobs|library|pipeline|model\/(architectures|graph|layouts|parts|running))\/.*\.test\.ts$/;
    const replacing = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
      (file) =>
        sharing.test(file) &&
        /\bvi\.(mock|doMock|stubGlobal|resetModules)\(/.test(readFileSync(join(SRC, file), 'utf8')),
    );
    expect(replacing).toEqual(['model/running/gpu-memory.test.ts']);
  });

  it('has comments of at most 120 columns', () => {
    expect(
      files.flatMap((file) => wideComments(readFileSync(join(SRC, file), 'utf8')).map((line) => `${file}: ${line}`)),
    ).toEqual([]);
  });

  it('would notice: a wrong direction, a second import of onnxruntime, a package in core, a wide comment', () => {
    const item = (from: string, to: string) => ({ from, to, typeOnly: false });
    expect(objection(item('core/request.ts', '../store/settings'))).toMatch('may not import store');
    expect(objection(item('core/text/windows.ts', '../diffusion/types'))).toMatch(
      'core/text may not import core/diffusion',
    );
    expect(objection(item('ui/app/app.tsx', '../../model/running/load'))).toMatch('ui may not import model/running');
    expect(objection(item('jobs/queue.ts', '../engine/protocol'))).toMatch('jobs may not import engine/client');
    expect(objection(item('pipeline/generate.ts', '../model/runtime/session'))).toMatch(
      'pipeline may not import model/runtime',
    );
    expect(objection(item('store/reading/worker.ts', '../notices'))).toMatch('store/reading may not import store');
    expect(objection(item('store/settings/settings.ts', '../library/library'))).toMatch(
      'store/settings may not import store/library',
    );
    expect(objection(item('store/engine.ts', './settings/settings'))).toMatch('store/ may not import store/settings');
    expect(objection(item('store/odds/ends.ts', '../notices'))).toMatch('store/odds may not import');
    expect(objection(item('store/library/library.ts', '../settings/settings'))).toBe(undefined);
    expect(objection(item('engine/protocol.ts', '../model/running/model-info'))).toMatch(
      'engine/client may not import model/running',
    );
    expect(objection({ ...item('engine/protocol.ts', '../model/running/model-info'), typeOnly: true })).toBe(undefined);
    expect(objection({ ...item('model/runtime/session.ts', 'onnxruntime-web'), typeOnly: true })).toMatch(
      'only model/runtime/ort.ts',
    );
    expect(objection(item('core/request.ts', 'valibot'))).toMatch('nothing from outside');
    expect(
      wideComments(`// ${'x'.repeat(118)}\n * ${'x'.repeat(118)}\n// ${'x'.repeat(117)}\n'${'x'.repeat(120)}'`),
    ).toEqual([`// ${'x'.repeat(118)}`, ` * ${'x'.repeat(118)}`]);
    expect(importsOf('a.ts', "import { x } from '../b';\nconst y = await import('c');").map(({ to }) => to)).toEqual([
      '../b',
      'c',
    ]);
  });
});
