import { type ReactNode, useRef } from 'react';
import { openOnCanvas } from '../../store/canvas/canvas';
import { PICTURE_TYPES } from '../../store/canvas/picture-file';
import { texts } from '../../texts/canvas';

/** Opens the browser's file picker for a picture. @param children the button, given what opens the picker */
export function PictureInput({ children }: { children(choose: () => void): ReactNode }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      {children(() => input.current?.click())}
      <input
        ref={input}
        className="visually-hidden"
        type="file"
        accept={`image/*,${PICTURE_TYPES}`}
        data-testid="picture-file"
        aria-label={texts.picture}
        tabIndex={-1}
        // Emptied before each choice, so that the same file can be chosen twice.
        onClick={(event) => {
          event.currentTarget.value = '';
        }}
        onChange={({ currentTarget: { files } }) => {
          if (files?.[0]) void openOnCanvas(files[0], files[0].name);
        }}
      />
    </>
  );
}
