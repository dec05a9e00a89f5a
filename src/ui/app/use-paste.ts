import { useEffect } from 'react';
import { openOnCanvas } from '../../store/canvas/canvas';
import { texts } from '../../texts/app';
import { showView } from './show-view';

/** A picture that is pasted goes on the canvas, wherever the focus is; text goes where it is pasted. */
export function usePaste(): void {
  useEffect(() => {
    const onPaste = ({ clipboardData }: ClipboardEvent) => {
      const file = Array.from(clipboardData?.files ?? []).find(({ type }) => type.startsWith('image/'));
      if (!file || clipboardData?.types.includes('text/plain')) return;
      void openOnCanvas(file, texts.thePastedPicture).then((opened) => opened && showView('canvas'));
    };
    window.addEventListener('paste', onPaste);
    return () => window.removeEventListener('paste', onPaste);
  }, []);
}
