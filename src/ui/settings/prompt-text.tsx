import type { ComponentProps } from 'react';
import { CAN_HIGHLIGHT, useWeightHighlights } from './weight-highlights';
import './prompt-text.css';

/** A longer text is not tinted: with the tints, painting it holds the page up for seconds (100,000 characters). */
const MAX_CHARACTERS_TINTED = 10_000;

interface PromptTextProps extends Omit<ComponentProps<'textarea'>, 'className' | 'onScroll'> {
  value: string;
  rows: number;
}

/**
 * The box one types a prompt in. A textarea cannot hold highlights, so the same text lies under it, laid out alike and
 * invisible but for the tints of its weights.
 */
export function PromptText({ value, rows, ...rest }: PromptTextProps) {
  const mirror = useWeightHighlights(value);
  const tinted = CAN_HIGHLIGHT && value.length <= MAX_CHARACTERS_TINTED;
  return (
    <div className="prompt-box">
      {tinted && (
        <div ref={mirror} className="prompt-mirror" inert>
          {/* A block ends before its last line break, a textarea after it. */}
          {`${value}\n`}
        </div>
      )}
      <textarea
        {...rest}
        className="prompt-text"
        rows={rows}
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
