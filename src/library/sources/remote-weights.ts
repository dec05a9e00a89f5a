import * as v from 'valibot';
import { DECODER_PARAMETERS, type ModelShape } from '../../core/memory-need';
import type { Network, RemoteFile } from '../download/download-file';
import { readReply } from '../download/reply';
import { mayNeedKey } from '../trouble';

type Asking = Pick<Network, 'fetch' | 'authorize' | 'clock'>;

/** A first part that holds the header of most files; SDXL's is 0.4 MB. */
const FIRST_BYTES = 2 ** 19;
/** Headers beyond this are not worth their bytes before anybody has asked for the file. */
const MAX_HEADER_BYTES = 2 ** 24;
/** What a whole file is filled up with. */
const FILLER_BYTES = 2 ** 24;

/** Of the pictures that a Stable Diffusion model was trained on which does not say, in latent cells. */
const USUAL_CELLS = 64;
const CELL_PIXELS = 8;

const HeaderSchema = v.record(
  v.string(),
  v.looseObject({
    shape: v.optional(v.array(v.number())),
    data_offsets: v.optional(v.tuple([v.number(), v.number()])),
  }),
);
const SampleSchema = v.object({ sample_size: v.optional(v.number()) });

/** A part of a file, and of how many bytes; without the part where its site sends files whole. */
interface Part {
  bytes?: Uint8Array<ArrayBuffer>;
  of?: number;
}

/**
 * The header of a .safetensors file that lies at a site, its length before it, by one request for a part, or two.
 * @returns no bytes where the site sends no parts, or it is no such file
 * @throws LibraryError with what stands in the way
 */
async function readHead(file: RemoteFile, asking: Asking): Promise<Part> {
  const { bytes: first, of } = await readPart(file, 0, FIRST_BYTES, asking);
  if (!first || first.length < 8) return { of };
  const length = 8 + Number(new DataView(first.buffer).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) return { of };
  if (length <= first.length) return { bytes: first.slice(0, length), of };
  const { bytes: rest } = await readPart(file, first.length, length, asking);
  if (rest?.length !== length - first.length) return { of };
  const head = new Uint8Array(length);
  head.set(first);
  head.set(rest, first.length);
  return { bytes: head, of };
}

/** Bytes from `start` to before `end`, or to the file's end; asked with the person's key only where that is needed. */
function readPart({ url, path }: RemoteFile, start: number, end: number, { fetch, authorize, clock }: Asking) {
  const asked = { path, host: new URL(url).host };
  const ask = async (address: string, headers: Readonly<Record<string, string>>): Promise<Part> => {
    const response = await fetch(address, {
      headers: { ...headers, Range: `bytes=${start}-${end - 1}` },
      credentials: 'omit',
    });
    const { whole, size } = readReply(response, start, asked, clock.now());
    // What is small enough comes whole from some sites.
    if (!whole || (start === 0 && size !== undefined && size <= end))
      return { bytes: new Uint8Array(await response.arrayBuffer()), of: size };
    await response.body?.cancel();
    return { of: size };
  };
  const withKey = authorize(url);
  return ask(url, {}).catch((thrown) => {
    if (!withKey || !mayNeedKey(thrown)) throw thrown;
    return ask(withKey.url, withKey.headers);
  });
}

/**
 * A file of weights at a site before it is downloaded: how large it is, and the file as far as its header tells, the
 * weights themselves nothing, for whoever reads no more. Each as far as its site tells.
 * @throws LibraryError with what stands in the way
 */
export async function headOfFile(file: RemoteFile, asking: Asking): Promise<{ head?: Blob; bytes?: number }> {
  const { bytes: head, of } = await readHead(file, asking);
  if (!head) return { bytes: file.bytes ?? of };
  // Most sites let a page see no size of a part's file.
  const bytes = file.bytes ?? of ?? sizeBy(head);
  const filler = new Blob([new Uint8Array(FILLER_BYTES)]);
  const left = bytes - head.length;
  const whole = new Array<Blob>(Math.max(0, Math.floor(left / FILLER_BYTES))).fill(filler);
  return { head: new Blob([head, ...whole, filler.slice(0, Math.max(0, left % FILLER_BYTES))]), bytes };
}

/** How large a file is by its header: its last tensor ends it. */
function sizeBy(head: Uint8Array): number {
  const ends = Object.values(headerIn(head)).map(({ data_offsets: [, end] = [0, 0] }) => end);
  return head.length + ends.reduce((last, end) => Math.max(last, end), 0);
}

/** @throws for what is no header */
const headerIn = (head: Uint8Array) => v.parse(HeaderSchema, JSON.parse(new TextDecoder().decode(head.subarray(8))));

/**
 * What running a diffusers folder at a site takes, from the headers of its weights.
 * @returns undefined where it is no such folder, or a header cannot be had in part
 * @throws LibraryError with what stands in the way
 */
export async function shapeOfFolder(files: readonly RemoteFile[], asking: Asking): Promise<ModelShape | undefined> {
  const parametersOf = async (folder: RegExp, counts: RegExp = /./) => {
    const weights = files.filter(({ path }) => folder.test(path) && path.endsWith('.safetensors'));
    const counted = await Promise.all(
      weights.map(async (file) => parametersIn((await readHead(file, asking)).bytes, counts)),
    );
    return counted.reduce((sum, count) => sum + count, 0);
  };
  const [text, unet, decoder, side] = await Promise.all([
    parametersOf(/^text_encoder(_2)?\//),
    parametersOf(/^unet\//),
    parametersOf(/^vae\//, /^(decoder|post_quant_conv)\./),
    sideOf(files, asking),
  ]);
  if (!(unet > 0) || Number.isNaN(text + decoder)) return undefined;
  return { parameters: { text, unet, decoder: decoder || DECODER_PARAMETERS }, side };
}

/** Numbers in a file's tensors. */
function parametersIn(head: Uint8Array | undefined, counts: RegExp): number {
  if (!head) return Number.NaN; // of an unknown part nothing is told
  const shapes = Object.entries(headerIn(head)).flatMap(([key, { shape }]) =>
    shape && counts.test(key) ? [shape] : [],
  );
  return shapes.reduce((sum, shape) => sum + shape.reduce((product, side) => product * side, 1), 0);
}

async function sideOf(files: readonly RemoteFile[], asking: Asking): Promise<number> {
  const config = files.find(({ path }) => path === 'unet/config.json');
  const bytes = config && (await readPart(config, 0, FIRST_BYTES, asking)).bytes;
  const read = v.safeParse(SampleSchema, bytes && JSON.parse(new TextDecoder().decode(bytes)));
  return CELL_PIXELS * ((read.success && read.output.sample_size) || USUAL_CELLS);
}
