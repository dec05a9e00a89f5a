import { useEffect, useRef, useState } from 'react';
import { type Box, type Mask, movedBy } from '../../core/image/picture';
import type { Job } from '../../jobs/job';
import type { PreviewImage } from '../../store/engine';
import { givenOf } from '../../store/jobs/inputs';
import { useJobs } from '../../store/jobs/jobs';
import { texts } from '../../texts/canvas';
import { stencilOf } from './stencil';
import { useBoxStyle } from './use-box-style';

/** The painting as it emerges, over the place it will have; where there is a mask, only what that lets change. */
export function LivePreview() {
  const painting = useJobs((state) => state.painting);
  const mask = useMaskOf(painting?.job);
  const frame = painting?.job.place;
  if (!frame || !painting.preview || mask === 'unread') return null;
  const { preview, place, job } = painting;
  const within = place ?? { x: 0, y: 0, width: frame.width, height: frame.height };
  const isInverted = job.request.maskMode === 'not-masked';
  return (
    <PreviewOnBox image={preview} box={movedBy(within, frame)} stencil={mask && { mask, part: within, isInverted }} />
  );
}

/** The mask that a job paints through: undefined where it has none, and unread for a moment. */
function useMaskOf(job: Job | undefined): Mask | undefined | 'unread' {
  const inputs = job?.inputs;
  const [read, setRead] = useState<{ of: Job['inputs']; mask: Mask | undefined }>();
  const isMasked = inputs?.some(({ kind }) => kind === 'mask') ?? false;
  useEffect(() => {
    if (!inputs || !isMasked) return;
    let isWanted = true;
    // Where it is gone, the engine says so.
    void givenOf(inputs).then(
      (given) => isWanted && setRead({ of: inputs, mask: given?.mask }),
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [inputs, isMasked]);
  if (!isMasked) return undefined;
  return read?.of === inputs ? read?.mask : 'unread';
}

interface PreviewOnBoxProps {
  image: PreviewImage;
  box: Box;
  /** What may change: the part of a mask that lies under the box. */
  stencil: { mask: Mask; part: Box; isInverted: boolean } | undefined;
}

/** Longer sides gain nothing: a preview is small. */
const MAX_SIDE_PX = 512;

function PreviewOnBox({ image, box, stencil }: PreviewOnBoxProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const style = useBoxStyle(box);
  const scale = Math.min(1, MAX_SIDE_PX / Math.max(box.width, box.height));
  const width = Math.max(1, Math.round(box.width * scale));
  const height = Math.max(1, Math.round(box.height * scale));
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    context.globalCompositeOperation = 'copy';
    context.drawImage(surfaceOf(image.rgba, image), 0, 0, width, height);
    if (!stencil) return;
    const { mask, part, isInverted } = stencil;
    context.globalCompositeOperation = 'destination-in';
    const size = { width, height };
    context.drawImage(surfaceOf(stencilOf(mask, part, size, isInverted), size), 0, 0);
  }, [image, stencil, width, height]);
  return (
    <div className="canvas-preview" style={style}>
      <canvas ref={canvas} width={width} height={height} role="img" aria-label={texts.preview} />
    </div>
  );
}

function surfaceOf(rgba: Uint8ClampedArray<ArrayBuffer>, { width, height }: { width: number; height: number }) {
  const surface = new OffscreenCanvas(width, height);
  surface.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0);
  return surface;
}
