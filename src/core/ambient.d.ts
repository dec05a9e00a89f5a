/** What every runtime has beyond ECMAScript and core may use: UTF-8 coding. No DOM type is visible here. */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label?: 'utf-8' | 'utf-16le' | 'utf-16be', options?: { fatal?: boolean });
  decode(bytes: Uint8Array): string;
}
