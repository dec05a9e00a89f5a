import { ChevronRight } from 'lucide-react';
import { useShallow } from 'zustand/react/shallow';
import { fieldsOfGroup } from '../../core/request/fields';
import { firstPassSize, resultSize } from '../../core/request/hires';
import { changeSettings, changeWithUndo, isChanged, useSettings } from '../../store/settings/settings';
import { texts } from '../../texts/settings';
import { FieldGroup } from './field-group';
import './advanced-settings.css';
import './hires-settings.css';

/** So many times the model's own number of pixels, from where on the size's note says what comes of it. */
const FAR_LARGER = 1.5;

/** Painting in two passes, offered where the size is more than the model was made for. */
export function HiresSettings() {
  const hires = useSettings(({ values }) => values.hires === true);
  return (
    <div className="settings-group">
      <FieldGroup group="hires" from="words" />
      {hires ? <SecondPass /> : <HiresOffer />}
    </div>
  );
}

/** Its size, and what of it is rarely otherwise than in the first. */
function SecondPass() {
  const { width, height } = useSettings(useShallow(({ values }) => ({ width: values.width, height: values.height })));
  const end = useSettings(useShallow(({ values }) => resultSize(values)));
  const changed = useSettings((state) => fieldsOfGroup('hires-details').some((name) => isChanged(name, state)));
  return (
    <>
      <p className="hires-note" role="status">
        {texts.twoPasses(`${width} × ${height}`, `${end.width} × ${end.height}`)}
      </p>
      <details className="advanced">
        <summary>
          <ChevronRight size={14} aria-hidden="true" />
          {texts.hiresDetails}
          {changed && (
            <span className="number-changed">
              <span className="visually-hidden">{texts.someAreNotAsFirst}</span>
            </span>
          )}
        </summary>
        <div className="settings-group">
          <FieldGroup group="hires-details" from="words" />
        </div>
      </details>
    </>
  );
}

function HiresOffer() {
  const wanted = useSettings(useShallow(({ values: { width, height } }) => ({ width, height })));
  const own = useSettings(useShallow(({ defaults: { width, height } }) => ({ width, height })));
  if (wanted.width * wanted.height <= FAR_LARGER * own.width * own.height) return null;
  const first = firstPassSize(wanted, own);
  const take = () =>
    changeWithUndo(texts.hiresIsOn, () =>
      changeSettings({ ...first, hires: true, hiresWidth: wanted.width, hiresHeight: wanted.height }),
    );
  return (
    <button type="button" className="button hires-offer" onClick={take}>
      {texts.paintThenEnlarge(first.width, first.height)}
    </button>
  );
}
