import { useMemo, useState } from 'react';
import { diffused, variancePreserving } from '../../core/diffusion/noise-level';
import { logSnr, trainedSigmas } from '../../core/diffusion/noise-schedules';
import { planesToRgb } from '../../core/image/planes';
import { seededNormal } from '../../core/random';
import { texts } from '../../texts/lab';
import { PixelsCanvas } from '../components/pixels-canvas';
import { WholeNumber } from '../components/whole-number';
import { formatSignificant } from './format-significant';
import { LabCard } from './lab-card';
import { type Planes, useLabPicture } from './lab-picture';
import { useScheduleConfig } from './schedule-config';
import './noised-picture-card.css';

const SEED = 1;

/** A picture with as much noise as the model saw at a timestep of its training. */
export function NoisedPictureCard() {
  const config = useScheduleConfig();
  const picture = useLabPicture();
  const table = useMemo(() => trainedSigmas(config), [config]);
  const last = table.sigmas.length - 1;
  const [requested, setTimestep] = useState(300);
  const t = Math.min(requested, last);
  const abar = table.alphasCumprod[t];
  const facts = {
    [texts.alphaBar]: abar,
    [texts.sigma]: table.sigmas[t],
    [texts.logSnr]: logSnr([abar])[0],
  };
  return (
    <LabCard title={texts.aPictureInNoise} description={texts.noisedHelp}>
      <div className="noised">
        {picture ? (
          <Noised planes={picture.planes} alphaCumprod={abar} label={texts.noised(picture.alt, t)} />
        ) : (
          <div className="noised-picture" />
        )}
      </div>
      <WholeNumber label={texts.timestep} value={t} min={0} max={last} onChange={setTimestep} />
      <dl className="noised-facts">
        {Object.entries(facts).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{formatSignificant(value)}</dd>
          </div>
        ))}
      </dl>
    </LabCard>
  );
}

function Noised({ planes, alphaCumprod, label }: { planes: Planes; alphaCumprod: number; label: string }) {
  const { width, height, data } = planes;
  const noise = useMemo(() => seededNormal(SEED)(data.length), [data]);
  const image = useMemo(() => {
    const rgb = planesToRgb(diffused(data, noise, variancePreserving(alphaCumprod)));
    const rgba = new Uint8ClampedArray((rgb.length / 3) * 4).fill(255);
    for (let i = 0; i < rgb.length; i++) rgba[4 * Math.floor(i / 3) + (i % 3)] = rgb[i];
    return { width, height, rgba };
  }, [data, noise, alphaCumprod, width, height]);
  return <PixelsCanvas image={image} label={label} className="noised-picture" />;
}
