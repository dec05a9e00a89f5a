import { useEffect, useRef } from 'react';
import type { PreviewImage } from '../../store/engine';

interface PixelsCanvasProps {
  image: PreviewImage;
  /** What it shows; none where words beside it say so. */
  label?: string;
  className?: string;
}

/** RGBA bytes as a picture, one pixel for one. */
export function PixelsCanvas({ image, label, className }: PixelsCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height, rgba } = image;
  useEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0);
  }, [rgba, width, height]);
  const hidden = label === undefined ? true : undefined;
  return (
    <canvas
      ref={canvas}
      className={className}
      width={width}
      height={height}
      role={label === undefined ? undefined : 'img'}
      aria-label={label}
      aria-hidden={hidden}
    />
  );
}
