import { type Box, movedBy } from '../../core/image/picture';
import { type PreviewImage, paintingOf, useEngine } from '../../store/engine';
import { PixelsCanvas } from '../components/pixels-canvas';
import { useBoxStyle } from './use-box-style';

/** The painting as it emerges, over the place it will have. */
export function LivePreview() {
  const painting = useEngine(({ status }) => paintingOf(status));
  if (painting?.job.kind !== 'canvas' || !painting.preview) return null;
  const { preview, place, job } = painting;
  return <PreviewOnBox image={preview} box={place ? movedBy(place, job.box) : job.box} />;
}

function PreviewOnBox({ image, box }: { image: PreviewImage; box: Box }) {
  const style = useBoxStyle(box);
  return (
    <div className="canvas-preview" style={style}>
      <PixelsCanvas image={image} label="Preview" />
    </div>
  );
}
