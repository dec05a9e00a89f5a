import { useMemo, useState } from 'react';
import { texts } from '../../texts/lab';
import { Segments } from '../components/segments';
import { LabCard } from './lab-card';
import { LinePlot } from './line-plot';
import { noiseCurves, QUANTITIES, type Quantity } from './noise-curves';
import { useScheduleConfig } from './schedule-config';

const MEANINGS: Readonly<Record<Quantity, string>> = {
  beta: texts.betaMeaning,
  alphaBar: texts.alphaBarMeaning,
  logSnr: texts.logSnrMeaning,
};

/** The noise schedule of the loaded model beside the named ones. */
export function NoiseScheduleCard() {
  const config = useScheduleConfig();
  const [quantity, setQuantity] = useState<Quantity>('alphaBar');
  const [zeroTerminalSnr, setZeroTerminalSnr] = useState(false);
  const series = useMemo(() => noiseCurves(config, quantity, zeroTerminalSnr), [config, quantity, zeroTerminalSnr]);
  return (
    <LabCard title={texts.noiseSchedule} description={MEANINGS[quantity]}>
      <div className="lab-controls">
        <Segments label={texts.quantity} value={quantity} choices={QUANTITIES} onChange={(next) => setQuantity(next)} />
        <label className="lab-switch">
          <input
            type="checkbox"
            checked={zeroTerminalSnr}
            onChange={(event) => setZeroTerminalSnr(event.currentTarget.checked)}
          />
          {texts.zeroTerminalSnr}
        </label>
      </div>
      <LinePlot
        name="noise-schedule"
        label={texts.noiseScheduleLabel(QUANTITIES[quantity])}
        x={{ label: texts.timestep }}
        y={{ label: QUANTITIES[quantity], log: quantity === 'beta' }}
        series={series}
        main={texts.thisModel}
        dashMain
      />
    </LabCard>
  );
}
