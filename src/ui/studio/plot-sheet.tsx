import { Dialog } from 'radix-ui';
import { useRef } from 'react';
import { AXIS_IDS, type Axis, type AxisId } from '../../core/request/axes';
import type { Field } from '../../core/request/field';
import type { FieldName } from '../../core/request/fields';
import { useGallery } from '../../store/gallery/gallery';
import { paintPlot, plotOutlook, promptsOf, usePlotForm } from '../../store/jobs/paint-plot';
import { spokenDuration } from '../../store/jobs/time-left';
import { useSettings } from '../../store/settings/settings';
import { axisText } from '../../texts/axes';
import { FIELDS } from '../../texts/fields';
import { texts } from '../../texts/studio';
import { DialogSheet } from '../components/dialog-sheet';
import './plot-sheet.css';

interface PlotSheetProps {
  open: boolean;
  onOpen(open: boolean): void;
}

/** An X/Y/Z plot: up to three axes with their values, how many pictures they come to, and how long those take. */
export function PlotSheet({ open, onOpen }: PlotSheetProps) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpen}>
      <DialogSheet className="plot-sheet" title={texts.plot} onClose={() => onOpen(false)}>
        <PlotForm onPainted={() => onOpen(false)} />
      </DialogSheet>
    </Dialog.Root>
  );
}

const LETTERS = ['X', 'Y', 'Z'];

/** Apart from the sheet, so that pictures are counted only while that is open. */
function PlotForm({ onPainted }: { onPainted(): void }) {
  const axes = usePlotForm((state) => state.axes);
  const gallery = useGallery();
  useSettings(); // what the outlook reads
  const asked = axes.filter(({ id, text }) => text.trim() !== '' || id === 'promptMatrix');
  const outlook = plotOutlook(asked, gallery);
  const change = (at: number, changed: Partial<Axis>) =>
    usePlotForm.setState({ axes: axes.map((axis, i) => (i === at ? { ...axis, ...changed } : axis)) });
  const canPaint = asked.length > 0 && !('problem' in outlook);
  return (
    <form
      className="plot-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (canPaint && paintPlot(asked)) onPainted();
      }}
    >
      {axes.map((axis, at) => (
        <AxisRow key={LETTERS[at]} letter={LETTERS[at]} axis={axis} onChange={(changed) => change(at, changed)} />
      ))}
      <p className="plot-outlook" role="status">
        {asked.length === 0
          ? texts.plotHelp
          : 'problem' in outlook
            ? outlook.problem
            : outlook.ms === undefined
              ? texts.plotCount(outlook.count)
              : texts.plotTime(outlook.count, spokenDuration(outlook.ms))}
      </p>
      <button type="submit" className="button" disabled={!canPaint}>
        {texts.paintPlot}
      </button>
    </form>
  );
}

interface AxisRowProps {
  letter: string;
  axis: Axis;
  onChange(changed: Partial<Axis>): void;
}

function AxisRow({ letter, axis: { id, text }, onChange }: AxisRowProps) {
  return (
    <div className="plot-axis">
      <select
        value={id}
        aria-label={texts.axisType(letter)}
        onChange={({ currentTarget: { value } }) => onChange({ id: value as AxisId })}
      >
        {AXIS_IDS.map((other) => (
          <option key={other} value={other}>
            {axisText(other)}
          </option>
        ))}
      </select>
      <textarea
        rows={id === 'prompts' ? 4 : 1}
        value={id === 'promptMatrix' ? '' : text}
        disabled={id === 'promptMatrix'}
        aria-label={texts.axisValues(letter)}
        placeholder={valuesHelp(id)}
        onChange={({ currentTarget: { value } }) => onChange({ text: value })}
      />
      {id === 'prompts' && <PromptsFile onText={(read) => onChange({ text: read })} />}
    </div>
  );
}

/** The beginning of what may stand on an axis. */
function valuesHelp(id: AxisId): string {
  const { numbers, flags, choices, ...others } = texts.valuesHelp;
  if (id in others) return others[id as keyof typeof others];
  const field: Field | undefined = FIELDS[id as FieldName];
  if (field?.kind === 'flag') return flags;
  return field && 'choices' in field ? choices(field.choices.slice(0, 2).map(({ label }) => label)) : numbers;
}

/** Prompts that lie in a text file, one a line. */
function PromptsFile({ onText }: { onText(text: string): void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" className="button plot-file" onClick={() => input.current?.click()}>
        {texts.promptsFromFile}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept=".txt,text/plain"
        data-testid="prompts-file"
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          if (file) void promptsOf(file).then((read) => read !== undefined && onText(read));
          currentTarget.value = '';
        }}
      />
    </>
  );
}
