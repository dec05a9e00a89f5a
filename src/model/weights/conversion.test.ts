import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WeightSlot } from '../graph/types';
import { bindWeights } from './bind';
import {
  type Conversion,
  ConversionHelpers,
  connectConversionHelpers,
  free,
  type Helper,
  readAndConvert,
} from './conversion';
import { AheadLimits, readAhead } from './external-data';
import type { ModelFiles } from './model-files';
import { openFile } from './state-dict';

/** A helper that answers when the test says so. */
class FakeHelper implements Helper {
  onmessage: Helper['onmessage'] = null;
  onerror: Helper['onerror'] = null;
  asked: Conversion[] = [];
  terminated = false;

  postMessage(conversion: Conversion): void {
    this.asked.push(conversion);
  }

  async answer(): Promise<void> {
    const data = await readAndConvert(this.asked[this.asked.length - 1]);
    this.onmessage?.call(this as never, { data } as MessageEvent);
  }

  terminate(): void {
    this.terminated = true;
  }
}

/** A safetensors file with a matrix of two rows and three columns in float16, and as a file of the disk. */
function fileOf(bytes: Uint8Array<ArrayBuffer>): ModelFiles & { reads: number } {
  const blob = new Blob([bytes]);
  const files = {
    name: 'test',
    reads: 0,
    list: () => ['w.safetensors'],
    size: () => bytes.length,
    async read(_path: string, start = 0, end = bytes.length) {
      files.reads++;
      return bytes.slice(start, end);
    },
    blob: () => blob,
  };
  return files;
}

const NUMBERS = [1, 2, 3, 4, 5, 6];
const HALVES = [0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600];

function safetensors(): Uint8Array<ArrayBuffer> {
  const header = new TextEncoder().encode(
    JSON.stringify({ w: { dtype: 'F16', shape: [2, 3], data_offsets: [0, 12] } }),
  );
  const bytes = new Uint8Array(8 + header.length + 12);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 8);
  bytes.set(new Uint8Array(Uint16Array.from(HALVES).buffer), 8 + header.length);
  return bytes;
}

const TURNED: WeightSlot = {
  key: 'w',
  shape: [2, 3],
  layout: 'transpose',
  dtype: 'float32',
  location: 'weights',
  offset: 0,
  byteLength: 24,
};

async function bound(files: ModelFiles) {
  const { dict } = await openFile(files, 'w.safetensors');
  const graph = { name: 'g', onnx: new Uint8Array(), nodes: [], inputs: [], outputs: [], weights: [TURNED], files: [] };
  return bindWeights([graph], dict, 'g');
}

const floats = (bytes: Uint8Array) => [...new Float32Array(bytes.slice().buffer)];

afterEach(() => {
  connectConversionHelpers(() => {
    throw new Error('none');
  });
  vi.useRealTimers();
});

describe('weights with helpers', () => {
  it('are read and converted there, and are what they are without', async () => {
    const files = fileOf(safetensors());
    const helper = new FakeHelper();
    connectConversionHelpers(() => helper, 2);
    const { read } = await bound(files);
    const before = files.reads;
    const reading = read(TURNED);
    await vi.waitFor(() => expect(helper.asked).toHaveLength(1));
    await helper.answer();
    expect(floats(await reading)).toEqual([1, 4, 2, 5, 3, 6]);
    expect(files.reads).toBe(before);
    connectConversionHelpers(() => {
      throw new Error('none');
    });
    expect(floats(await (await bound(files)).read(TURNED))).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it('are read here where a helper fails, and where none can be started', async () => {
    const files = fileOf(safetensors());
    const helper = new FakeHelper();
    connectConversionHelpers(() => helper, 2);
    const { read } = await bound(files);
    const reading = read(TURNED);
    await vi.waitFor(() => expect(helper.asked).toHaveLength(1));
    helper.onerror?.call(helper as never, {} as ErrorEvent);
    expect(floats(await reading)).toEqual([1, 4, 2, 5, 3, 6]);
    expect(floats(await read(TURNED))).toEqual([1, 4, 2, 5, 3, 6]);
    expect(helper.asked).toHaveLength(1);
  });
});

describe('ConversionHelpers', () => {
  const conversion: Conversion = {
    file: new Blob([Uint16Array.from(HALVES)]),
    start: 0,
    end: 12,
    from: 'F16',
    to: 'float32',
    layout: { rows: 2, columns: 3, transposed: false },
  };

  it('are as many as may be, each with one tensor at a time, and go when there is no more', async () => {
    vi.useFakeTimers();
    const started: FakeHelper[] = [];
    const start = () => {
      started.push(new FakeHelper());
      return started[started.length - 1];
    };
    const helpers = new ConversionHelpers(start, 2);
    const answers = [1, 2, 3].map(() => helpers.convert(conversion));
    expect(started.map(({ asked }) => asked.length)).toEqual([1, 1]);
    await started[0].answer();
    expect(started.map(({ asked }) => asked.length)).toEqual([2, 1]);
    await Promise.all(started.map((helper) => helper.answer()));
    for (const bytes of await Promise.all(answers)) expect(floats(bytes!)).toEqual(NUMBERS);
    vi.advanceTimersByTime(60_000);
    expect(started.map(({ terminated }) => terminated)).toEqual([true, true]);
    const again = helpers.convert(conversion);
    expect(started).toHaveLength(3);
    await started[2].answer();
    expect(floats((await again)!)).toEqual(NUMBERS);
  });

  it('say nothing of a file that cannot be read: whoever asked reads it again', async () => {
    let asked = 0;
    const gone = new Blob();
    gone.slice = () => {
      asked++;
      throw new DOMException('gone', 'NotReadableError');
    };
    expect(await readAndConvert({ ...conversion, file: gone })).toBeUndefined();
    expect(asked).toBe(1);
  });

  it('read nothing for a message that is none', async () => {
    for (const wrong of [{ from: 'I64' }, { start: -1 }, { layout: { rows: 2, columns: '3', transposed: false } }])
      expect(await readAndConvert({ ...conversion, ...wrong })).toBeUndefined();
    expect(await readAndConvert(undefined)).toBeUndefined();
  });
});

describe('graphs that read ahead together', () => {
  it('keep within one limit, the first one first, and give back what nobody asked for', async () => {
    const slot = (key: string, byteLength: number): WeightSlot => ({ ...TURNED, key, byteLength });
    const reads: string[] = [];
    const weights = {
      read: async ({ key, byteLength }: WeightSlot) => {
        reads.push(key);
        return new Uint8Array(byteLength);
      },
    };
    const limits = new AheadLimits(50, 9);
    const first = readAhead([slot('a', 20), slot('b', 30)], weights, limits);
    const later = slot('c', 20);
    const second = readAhead([later, slot('d', 30)], weights, limits);
    expect(reads).toEqual(['a', 'b']);
    first.stop();
    expect(reads).toEqual(['a', 'b', 'c', 'd']);
    expect(await second.read(later)).toHaveLength(20);
    expect(reads).toHaveLength(4);
    second.stop();
  });
});

it('memory is let go where nothing else lies in it', () => {
  const whole = new Uint8Array(8);
  free(whole);
  expect(whole.byteLength).toBe(0);
  const part = new Uint8Array(8).subarray(2, 4);
  free(part);
  expect(part.byteLength).toBe(2);
  const shared = new Uint8Array(new SharedArrayBuffer(8));
  free(shared);
  expect(shared.byteLength).toBe(8);
});
