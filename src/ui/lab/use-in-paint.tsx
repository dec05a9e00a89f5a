import { changeWithUndo } from '../../store/settings/settings';
import { texts } from '../../texts/lab';
import { showView } from '../app/show-view';

interface UseInPaintProps {
  /** What is used, as the message names it: "Karras, 20 steps". */
  what: string;
  /** Changes Paint's form. */
  onUse(): void;
}

/** Takes what the lab shows over to Paint, where it can be undone. */
export function UseInPaint({ what, onUse }: UseInPaintProps) {
  const use = () => {
    changeWithUndo(texts.setInPaint(what), onUse);
    showView('paint');
  };
  return (
    <button type="button" className="button" aria-label={texts.useInPaintNamed(what)} onClick={use}>
      {texts.useInPaint}
    </button>
  );
}
