import { EaselError, type Said, said } from '../../core/errors';

/** How files begin that people bring in the place of a model: what each is, and what to do. */
const BEGINNINGS: readonly (readonly [start: RegExp, what: Said])[] = [
  [/^version https:\/\/git-lfs/, said`a Git LFS pointer of some lines, not the model itself. Download the real file`],
  [/^\s*<(?:!doctype|html|\?xml|!--)/i, said`a web page, which was saved in the place of a model (a login or an error, often). Download the model again`], // biome-ignore format: a table
  [/^GGUF/, said`a GGUF file, which Easel does not open. Get the model as .safetensors`],
  [
    /^(?:\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP)/s,
    said`a picture, not a model. Drop it on the canvas to paint from it`,
  ],
  [/^(?:7z\xbc\xaf|Rar!)/, said`a packed archive. Unpack it, and open the model inside`],
  [/^[\t\n\r\x20-\x7e]{8}/, said`a text, not a model. Choose the file that holds the weights`],
];

/**
 * Refuses what is no file of weights at all, by its first bytes. (safetensors' first eight are a number, no text.)
 * @throws EaselError `unsupported` saying what it is
 */
export function refuseForeign(path: string, start: Uint8Array): void {
  const text = String.fromCharCode(...start);
  if (/\.onnx$/i.test(path))
    throw new EaselError('unsupported', said`${path} is one network alone (ONNX). Open the folder of its whole model.`);
  const [, what] = BEGINNINGS.find(([pattern]) => pattern.test(text)) ?? [];
  if (what) throw new EaselError('unsupported', said`${path} is ${what}.`);
}
