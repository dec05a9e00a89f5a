/** JSON of another program: an object of which nothing is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A value as an object; undefined for everything else, lists included. */
export const asObject = (value: unknown): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

/** A text as a JSON object; undefined for everything else. */
export function parseObject(text: string | undefined): JsonObject | undefined {
  if (text === undefined || !/^\s*\{/.test(text)) return undefined;
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** What a field of an object itself holds; undefined for what only its prototype has. */
export const fieldOf = (object: JsonObject, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/** Text, a number or a truth value as settings say it; undefined for nothing, or more than one thing. */
export function saidAs(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return String(value);
    case 'boolean':
      return value ? 'True' : 'False'; // as Python writes them
    default:
      return undefined;
  }
}

/** What is said of a value that is not taken, whatever it is. */
const shown = (value: unknown) => saidAs(value) ?? JSON.stringify(value);

/**
 * An object's fields as settings: those with a key of A1111's under it, all others under their own, so that they are
 * named as not taken. What is empty says nothing.
 */
export function saidValues(object: JsonObject, keys: Readonly<Record<string, string>>): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(object)) {
    if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) continue;
    values.set(Object.hasOwn(keys, name) ? keys[name] : name, shown(value));
  }
  return values;
}

/** Takes a value out of a map. */
export function taken(values: Map<string, string>, key: string): string | undefined {
  const value = values.get(key);
  values.delete(key);
  return value;
}

/** A file's name as a prompt says it: without its folders and its ending. */
export const nameOf = (file: string): string =>
  file.replace(/^.*[\\/]/s, '').replace(/\.(?:safetensors|ckpt|pt|pth|bin|gguf)$/i, '');

/** A prompt with LoRAs named at its end, as A1111 writes them. */
export const withLoras = (prompt: string, loras: readonly string[]): string =>
  [prompt, ...loras].filter(Boolean).join(' ');
