import { useMemo, useState } from 'react';
import { Segments } from '../components/segments';
import { LabCard } from './lab-card';
import { LinePlot } from './line-plot';
import { noiseCurves, QUANTITIES, type Quantity } from './noise-curves';
import { useScheduleConfig } from './schedule-config';

const MEANINGS: Readonly<Record<Quantity, string>> = {
  beta: 'how much noise each timestep of training adds',
  alphaBar: 'how much of the picture is left at each timestep of training',
  logSnr: 'how far the picture stands out of the noise at each timestep of training; at 0 they are equal',
};

/** The noise schedule of the loaded model beside the named ones. */
export function NoiseScheduleCard() {
  const config = useScheduleConfig();
  const [quantity, setQuantity] = useState<Quantity>('alphaBar');
  const [zeroTerminalSnr, setZeroTerminalSnr] = useState(false);
  const series = useMemo(() => noiseCurves(config, quantity, zeroTerminalSnr), [config, quantity, zeroTerminalSnr]);
  return (
    <LabCard title="Noise schedule" description={`${QUANTITIES[quantity]}: ${MEANINGS[quantity]}.`}>
      <div className="lab-controls">
        <Segments label="Quantity" value={quantity} choices={QUANTITIES} onChange={(next) => setQuantity(next)} />
        <label className="lab-switch">
          <input
            type="checkbox"
            checked={zeroTerminalSnr}
            onChange={(event) => setZeroTerminalSnr(event.currentTarget.checked)}
          />
          Zero terminal SNR
        </label>
      </div>
      <LinePlot
        name="noise-schedule"
        label={`${QUANTITIES[quantity]} of five noise schedules against the timestep of training`}
        x={{ label: 'Timestep' }}
        y={{ label: QUANTITIES[quantity], log: quantity === 'beta' }}
        series={series}
        main="This model"
        dashMain
      />
    </LabCard>
  );
}
