import type { ModelShape } from '../../core/memory-need';
import { formatFit, VERDICTS } from '../../store/library/labels';
import { fitHere, useDevice, useMemory } from '../../store/library/memory';
import './fit-line.css';

/** Whether a model of that shape fits here, and what says so. */
export function FitLine({ shape }: { shape: ModelShape }) {
  const device = useDevice((state) => state.device);
  useMemory();
  const fit = fitHere(shape);
  if (!device || !fit) return null;
  return (
    <span>
      <strong className="fit" data-verdict={fit.verdict}>
        {VERDICTS[fit.verdict]}
      </strong>
      : {formatFit(fit, device, shape.side)}
    </span>
  );
}
