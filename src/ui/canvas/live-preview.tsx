import { type Box, movedBy } from '../../core/image/picture';
import type { PreviewImage } from '../../store/engine';
import { useJobs } from '../../store/jobs/jobs';
import { PixelsCanvas } from '../components/pixels-canvas';
import { useBoxStyle } from './use-box-style';

/** The painting as it emerges, over the place it will have. */
export function LivePreview() {
  const painting = useJobs((state) => state.painting);
  const frame = painting?.job.place;
  if (!frame || !painting.preview) return null;
  const { preview, place } = painting;
  return <PreviewOnBox image={preview} box={place ? movedBy(place, frame) : frame} />;
}

function PreviewOnBox({ image, box }: { image: PreviewImage; box: Box }) {
  const style = useBoxStyle(box);
  return (
    <div className="canvas-preview" style={style}>
      <PixelsCanvas image={image} label="Preview" />
    </div>
  );
}
