import { Copy, CornerDownLeft, Info } from 'lucide-react';
import { Popover } from 'radix-ui';
import { templatesIn } from '../../core/request/dynamic-prompts';
import { type FieldName, fieldNames } from '../../core/request/fields';
import type { ResultRecord } from '../../store/gallery/result-record';
import { measuredDuration } from '../../store/jobs/time-left';
import { changeSettings, changeWithUndo } from '../../store/settings/settings';
import { FIELDS, shownValue } from '../../texts/fields';
import { texts } from '../../texts/stage';
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
        <IconButton icon={Info} label={texts.allSettings} />
      </Popover.Trigger>
      <PopoverPanel label={texts.settings} className="picture-info" align="end">
        <dl>
          <Row label={texts.model} text={model} />
          {names.map((name) => (
            <Row
              key={name}
              label={FIELDS[name].label}
              text={shownValue(name, request[name])}
              onUse={() => takeSetting(name, record)}
            />
          ))}
          <dt>{texts.time}</dt>
          <dd>
            {texts.stageTimes(
              measuredDuration(timings.totalMs),
              measuredDuration(timings.encodeMs),
              measuredDuration(timings.denoiseMs),
              measuredDuration(timings.decodeMs),
            )}
          </dd>
        </dl>
      </PopoverPanel>
    </Popover.Root>
  );
}

const isSaid = (value: unknown): boolean => value !== undefined && value !== '';

function takeSetting(name: FieldName, { request }: ResultRecord): void {
  // A form holds the template where the prompt is.
  const isTemplate = name === 'template' || name === 'negativeTemplate';
  const change = isTemplate ? templatesIn({ [name]: request[name] }) : { [name]: request[name] };
  changeWithUndo(texts.settingTaken(FIELDS[name].label), () => changeSettings(change ?? {}));
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
        <IconButton
          icon={Copy}
          label={texts.copySetting(label)}
          onClick={() => void copyText(text, texts.settingCopied(label))}
        />
        {onUse && <IconButton icon={CornerDownLeft} label={texts.takeSetting(label)} onClick={onUse} />}
      </dd>
    </>
  );
}
