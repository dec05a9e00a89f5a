import { Popover } from 'radix-ui';
import { type ExportFormat, endingOf, exportPicture } from '../../store/gallery/export-picture';
import { pictureFileName } from '../../store/gallery/file-name';
import { openPicture } from '../../store/gallery/gallery';
import type { ResultRecord } from '../../store/gallery/result-record';
import { notify } from '../../store/notices';
import { usePreferences } from '../../store/settings/preferences';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/stage';
import { PopoverPanel } from '../components/popover-panel';
import { saveFile } from '../components/save-file';
import { Segments } from '../components/segments';
import { WholeNumber } from '../components/whole-number';

const FORMATS: Readonly<Record<ExportFormat, string>> = { jpeg: texts.jpeg, webp: texts.webp };

/** Saves a picture as JPEG or WebP, its settings in it; in a popover. */
export function SavePanel({ record }: { record: ResultRecord }) {
  const { exportFormat, exportQuality } = usePreferences();
  return (
    <PopoverPanel label={texts.saveAs} align="end">
      <Segments
        label={texts.format}
        value={exportFormat}
        choices={FORMATS}
        onChange={(format) => usePreferences.setState({ exportFormat: format })}
      />
      <WholeNumber
        label={texts.quality}
        min={1}
        max={100}
        value={exportQuality}
        onChange={(quality) => usePreferences.setState({ exportQuality: quality })}
      />
      <p>{texts.fractionOfPng}</p>
      <Popover.Close asChild>
        <button type="button" className="button" onClick={() => void savePicture(record, exportFormat, exportQuality)}>
          {texts.save(FORMATS[exportFormat])}
        </button>
      </Popover.Close>
    </PopoverPanel>
  );
}

async function savePicture(record: ResultRecord, format: ExportFormat, quality: number): Promise<void> {
  const picture = await openPicture(record);
  if (!picture) return;
  try {
    const file = await exportPicture(picture.png, record.parameters, format, quality);
    saveFile(file, pictureFileName(record.number, record.request, endingOf(format)));
  } catch (thrown) {
    notify(errorText(thrown));
  }
}
