import { texts } from '../../texts/gallery';
import './unsaved-mark.css';

/** Over the foot of a small picture that is not on the disk. */
export const UnsavedMark = () => <span className="unsaved-mark">{texts.notSaved}</span>;
