import { create } from 'zustand';
import type { PaintedPicture } from '../../engine/protocol';

/** A picture of a walk. */
interface WalkPicture {
  picture: PaintedPicture;
  /** Object URL of the PNG; lives until the next walk begins. */
  url: string;
}

export interface WalkState {
  /** How many pictures the last walk has when it is done; 0 before the first. */
  of: number;
  pictures: readonly WalkPicture[];
}

/** The last walk. Its pictures are for looking; what is worth keeping is downloaded. */
export const useWalk = create<WalkState>(() => ({ of: 0, pictures: [] }));

/** A new walk begins: the pictures of the one before go. */
export function beginWalk(of: number): void {
  for (const { url } of useWalk.getState().pictures) URL.revokeObjectURL(url);
  useWalk.setState({ of, pictures: [] });
}

export function addWalkPicture(picture: PaintedPicture): void {
  const url = URL.createObjectURL(picture.png);
  useWalk.setState(({ pictures }) => ({ pictures: [...pictures, { picture, url }] }));
}
