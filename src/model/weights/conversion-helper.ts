import { type Answer, readAndConvert } from './conversion';

/** A worker of the engine's worker: see conversion.ts. */
const port = globalThis as unknown as {
  postMessage(answer: Answer, transfer: Transferable[]): void;
  onmessage(event: MessageEvent<unknown>): void;
};

port.onmessage = async ({ data }) => {
  const bytes = await readAndConvert(data);
  port.postMessage(bytes, bytes ? [bytes.buffer] : []);
};
