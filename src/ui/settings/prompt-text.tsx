import type { ClipboardEvent, ComponentProps } from 'react';
import { CAN_HIGHLIGHT, useWeightHighlights } from './weight-highlights';
import './prompt-text.css';

/**
 * A longer text is neither tinted nor measured for the height of its box: with the tints, painting it holds the page up
 * for seconds (100,000 characters).
 */
const MAX_SHORT = 10_000;

interface PromptTextProps extends Omit<ComponentProps<'textarea'>, 'className' | 'onScroll'> {
  value: string;
  rows: number;
  maxLength: number;
  /** What was pasted would not fit, and is not there: the browser takes long to cut it off. */
  onRefused(): void;
}

/**
 * The box one types a prompt in. A textarea cannot hold highlights, so the same text lies under it, laid out alike and
 * invisible but for the tints of its weights.
 */
export function PromptText({ value, rows, maxLength, onRefused, onPaste, ...rest }: PromptTextProps) {
  const mirror = useWeightHighlights(value);
  const isLong = value.length > MAX_SHORT;
  const takePaste = (event: ClipboardEvent<HTMLTextAreaElement>) => {
    onPaste?.(event);
    if (event.defaultPrevented) return;
    const area = event.currentTarget;
    const pasted = event.clipboardData.getData('text/plain').replaceAll('\r\n', '\n');
    const length = area.value.length - (area.selectionEnd - area.selectionStart) + pasted.length;
    if (length > maxLength) {
      event.preventDefault();
      onRefused();
    } else if (length > MAX_SHORT) area.dataset.long = 'true'; // or the browser would measure it before React says so
  };
  return (
    <div className="prompt-box">
      {CAN_HIGHLIGHT && !isLong && (
        <div ref={mirror} className="prompt-mirror" inert>
          {/* A block ends before its last line break, a textarea after it. */}
          {`${value}\n`}
        </div>
      )}
      <textarea
        {...rest}
        className="prompt-text"
        data-long={isLong || undefined}
        rows={rows}
        maxLength={maxLength}
        onPaste={takePaste}
        style={{ '--rows': rows }}
        value={value}
        spellCheck={false}
        onScroll={({ currentTarget: { scrollTop } }) => {
          if (mirror.current) mirror.current.scrollTop = scrollTop;
        }}
      />
    </div>
  );
}
