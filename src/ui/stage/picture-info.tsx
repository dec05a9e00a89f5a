import { Copy, CornerDownLeft, Info } from 'lucide-react';
import { Popover } from 'radix-ui';
import { templatesIn } from '../../core/request/dynamic-prompts';
import { shownValue } from '../../core/request/field';
import { FIELDS, type FieldName, fieldNames } from '../../core/request/fields';
import type { ResultRecord } from '../../store/gallery/result-record';
import { measuredDuration } from '../../store/jobs/time-left';
import { changeSettings, changeWithUndo } from '../../store/settings/settings';
import { copyText } from '../components/clipboard';
import { IconButton } from '../components/icon-button';
import { PopoverPanel } from '../components/popover-panel';
import './picture-info.css';

/** Everything that a picture was painted with, each setting to copy or to use. */
export function PictureInfo({ record }: { record: ResultRecord }) {
  const { request, timings, model } = record;
  const names = fieldNames().filter((name) => isSaid(request[name]) && name !== 'batchCount');
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <IconButton icon={Info} label="All settings of this picture" />
      </Popover.Trigger>
      <PopoverPanel label="Settings of this picture" className="picture-info" align="end">
        <dl>
          <Row label="Model" text={model} />
          {names.map((name) => (
            <Row
              key={name}
              label={FIELDS[name].label}
              text={shownValue(FIELDS[name], request[name])}
              onUse={() => takeSetting(name, record)}
            />
          ))}
          <dt>Time</dt>
          <dd>
            {measuredDuration(timings.totalMs)}: prompt {measuredDuration(timings.encodeMs)}, steps{' '}
            {measuredDuration(timings.denoiseMs)}, decoding {measuredDuration(timings.decodeMs)}
          </dd>
        </dl>
      </PopoverPanel>
    </Popover.Root>
  );
}

const isSaid = (value: unknown): boolean => value !== undefined && value !== '';

function takeSetting(name: FieldName, { request }: ResultRecord): void {
  // A form holds the template where the prompt is.
  const change =
    name === 'template' || name === 'negativeTemplate'
      ? templatesIn({ [name]: request[name] })
      : { [name]: request[name] };
  changeWithUndo(`${FIELDS[name].label} taken from the picture.`, () => changeSettings(change ?? {}));
}

interface RowProps {
  label: string;
  text: string;
  onUse?(): void;
}

function Row({ label, text, onUse }: RowProps) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <span>{text}</span>
        <IconButton icon={Copy} label={`Copy ${label}`} onClick={() => void copyText(text, `${label} copied.`)} />
        {onUse && <IconButton icon={CornerDownLeft} label={`Use ${label}`} onClick={onUse} />}
      </dd>
    </>
  );
}
