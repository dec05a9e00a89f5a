import type { Box } from '../../core/image/picture';
import { type PreviewImage, paintingOf, useEngine } from '../../store/engine';
import { PixelsCanvas } from '../components/pixels-canvas';
import { useOnBox } from './on-box';

/** The painting as it emerges, over the place it will have. */
export function LivePreview() {
  const painting = useEngine(({ status }) => paintingOf(status));
  if (painting?.job.kind !== 'canvas' || !painting.preview) return null;
  return <PreviewOnBox image={painting.preview} box={painting.job.box} />;
}

function PreviewOnBox({ image, box }: { image: PreviewImage; box: Box }) {
  const style = useOnBox(box);
  return (
    <div className="canvas-preview" style={style}>
      <PixelsCanvas image={image} label="Preview" />
    </div>
  );
}
