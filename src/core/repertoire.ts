/** What a small model was trained to paint, as its manifest lists it. All words are English, as its captions were. */
export interface Repertoire {
  /** Things by the name that captions gave them, with the other words that mean the same to the model. */
  things: readonly { name: string; also?: readonly string[] }[];
  /** What people may say instead: for a word, what could stand in its place. */
  near: Readonly<Record<string, readonly string[]>>;
  /** The colours that a thing may have. */
  colours: readonly string[];
  /** The colours that a plain background may have. */
  grounds: readonly string[];
  /** Surroundings, each by phrases such as "in the snow". */
  scenes: readonly { name: string; phrases: readonly string[] }[];
  /** Phrases such as "pixel art". */
  styles: readonly string[];
}

/** A picture file of square tiles, row by row, one for each entry of a list. */
export interface PictureSheet {
  path: string;
  /** Pixels of a tile's side. */
  side: number;
  columns: number;
}
