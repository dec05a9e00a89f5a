import { type Answer, type Conversion, readAndConvert } from './conversion';

/** A worker of the engine's worker: see conversion.ts. */
const port = globalThis as unknown as {
  postMessage(answer: Answer, transfer: Transferable[]): void;
  onmessage(event: MessageEvent<Conversion>): void;
};

port.onmessage = async ({ data }) => {
  const bytes = await readAndConvert(data);
  port.postMessage(bytes, bytes ? [bytes.buffer] : []);
};
