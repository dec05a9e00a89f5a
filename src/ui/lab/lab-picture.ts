import { useEffect, useState } from 'react';
import { newestResult, openPicture, useGallery } from '../../store/gallery/gallery';
import { texts } from '../../texts/lab';
import example from './example.png';

/** A picture as numbers. */
export interface Planes {
  width: number;
  height: number;
  /** [3, height, width], -1..1. */
  data: Float32Array;
}

/** Larger pictures are reduced to this side: the noise of every pixel is drawn anew for each. */
const MAX_SIDE = 512;

/** The newest result, or the starter's example where there is none; undefined until it is read. */
export function useLabPicture(): { planes: Planes; alt: string } | undefined {
  const newest = useGallery((state) => newestResult(state)?.record);
  const loaded = useGallery((state) => state.loaded);
  const [picture, setPicture] = useState<{ planes: Planes; alt: string }>();
  useEffect(() => {
    if (!loaded) return;
    let current = true;
    const show = async () => {
      const opened = newest && (await openPicture(newest));
      const alt = opened ? newest.request.prompt : texts.example;
      const planes = await readPlanes(opened?.url ?? example);
      if (current) setPicture({ planes, alt });
    };
    void show();
    return () => {
      current = false;
    };
  }, [newest, loaded]);
  return picture;
}

async function readPlanes(url: string): Promise<Planes> {
  const bitmap = await createImageBitmap(await (await fetch(url)).blob());
  const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [Math.round(bitmap.width * scale), Math.round(bitmap.height * scale)];
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (!context) throw new Error(texts.noCanvas);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { data: rgba } = context.getImageData(0, 0, width, height);
  const cells = width * height;
  const data = Float32Array.from(
    { length: 3 * cells },
    (_, i) => rgba[4 * (i % cells) + Math.floor(i / cells)] / 127.5 - 1,
  );
  return { width, height, data };
}
