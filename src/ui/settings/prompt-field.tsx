import { ChevronRight } from 'lucide-react';
import { Tooltip } from 'radix-ui';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { MAX_PROMPT } from '../../core/request/fields';
import { foreignTemplate } from '../../core/text/dynamic/resolve';
import type { TokenCount } from '../../engine/protocol';
import { useEngine } from '../../store/engine';
import { pasteSettings } from '../../store/imports/take-settings';
import { type HistoryWalk, usePromptHistory, walkHistory } from '../../store/settings/prompt-history';
import { changeWeight, type TextEdit } from '../../store/settings/prompt-weight';
import { changeSettings, useSettings } from '../../store/settings/settings';
import { countTokens, tokenText } from '../../store/settings/token-count';
import { texts } from '../../texts/settings';
import { Hint } from '../components/hint';
import { Sentence } from '../components/sentence';
import { useCompletion } from './completion';
import { PromptText } from './prompt-text';
import { SettingsMenu } from './settings-menu';
import { RepertoireButton, UnderstoodPrompt } from './understood';
import './prompt-field.css';

const TEXTS = {
  prompt: { label: texts.prompt, placeholder: texts.promptExample, rows: 3 },
  negativePrompt: { label: texts.negativePrompt, placeholder: texts.negativePromptExample, rows: 1 },
  hiresPrompt: { label: texts.hiresPrompt, placeholder: texts.asInTheFirstPass, rows: 1 },
  hiresNegativePrompt: { label: texts.hiresNegativePrompt, placeholder: texts.asInTheFirstPass, rows: 1 },
} as const;

const WEIGHT_STEP = 0.1;

/** As many as a line can name. */
const MAX_NAMED = 5;

/** How a prompt folds away under its name. */
interface Fold {
  open: boolean;
  /** Open for now, whatever the person would rather. */
  locked: boolean;
  onFold(open: boolean): void;
}

interface PromptFieldProps {
  field: keyof typeof TEXTS;
  fold?: Fold;
  /** Beside its name, so that nothing moves when it comes and goes. */
  note?: string;
}

/**
 * A prompt: grows with its text, counts its tokens, tints its weights, completes names; says what a small model makes
 * of it.
 */
export function PromptField({ field, fold, note }: PromptFieldProps) {
  const text = useSettings(({ values }) => values[field] ?? '');
  const id = useId();
  const count = useTokenCount(text);
  const completion = useCompletion(`${id}-names`);
  const { label, placeholder, rows } = TEXTS[field];
  const open = fold?.open ?? true;
  const { onKeyDown, onTyped } = usePromptKeys(field);
  const [refused, setRefused] = useState(false);
  const full = refused || text.length >= MAX_PROMPT;
  return (
    <div className="prompt">
      <div className="prompt-head">
        {fold ? <FoldButton id={id} label={label} {...fold} /> : <label htmlFor={id}>{label}</label>}
        {field === 'prompt' && <RepertoireButton />}
        {note && <span className="prompt-note">{note}</span>}
        {open && count && <Count count={count} />}
        {field === 'prompt' && <SettingsMenu />}
      </div>
      {open && (
        <div className="completion-place">
          <PromptText
            id={id}
            aria-labelledby={fold && `${id}-fold`}
            data-field={field}
            {...completion.area}
            rows={rows}
            placeholder={placeholder}
            value={text}
            maxLength={MAX_PROMPT}
            aria-describedby={full ? `${id}-full` : undefined}
            onRefused={() => setRefused(true)}
            onChange={(event) => {
              onTyped();
              completion.onTyped(event.currentTarget);
              setRefused(false);
              changeSettings({ [field]: event.currentTarget.value });
              // Or it would fold away under the caret with the last letter that is deleted.
              fold?.onFold(true);
            }}
            onKeyDown={(event) => completion.onKey(event) || onKeyDown(event)}
            onPaste={(event) => {
              // Settings that were copied fill the form, as in A1111; all else is text.
              if (pasteSettings(event.clipboardData.getData('text/plain'))) event.preventDefault();
            }}
          />
          {completion.list}
        </div>
      )}
      {full && <PromptFull id={`${id}-full`} refused={refused} />}
      <PaintedAsWords text={text} />
      {field === 'prompt' && <UnderstoodPrompt />}
    </div>
  );
}

function Count({ count }: { count: TokenCount }) {
  return (
    <Hint text={texts.tokensUsed}>
      <Tooltip.Trigger asChild>
        <span className="prompt-count">{tokenText(count)}</span>
      </Tooltip.Trigger>
    </Hint>
  );
}

/** What another program would read as its own syntax. */
function PaintedAsWords({ text }: { text: string }) {
  const foreign = useMemo(() => foreignTemplate(text), [text]);
  if (foreign.length === 0) return null;
  const words = <em>{foreign.slice(0, MAX_NAMED).join(', ')}</em>;
  return (
    <p className="prompt-unknown">
      <Sentence of={texts.paintedAsWords(words)} />
    </p>
  );
}

/** Why no more can be typed, or what was pasted is not there. */
function PromptFull({ id, refused }: { id: string; refused: boolean }) {
  return (
    <p id={id} className="prompt-full" role="status">
      {/* Not formatted by Intl: its first use takes as long as all else here that a paste brings about. */}
      {texts.longestPrompt(MAX_PROMPT / 1000)} {refused ? texts.pasteLeftOut : texts.restLeftOut}
    </p>
  );
}

/** Ctrl+Up and Down change a weight; in the prompt, Alt+Up and Down walk through earlier ones until it is typed in. */
function usePromptKeys(field: keyof typeof TEXTS) {
  const walk = useRef<HistoryWalk>(undefined);
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const direction = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : undefined;
    if (direction === undefined) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const { value, selectionStart, selectionEnd } = event.currentTarget;
      const edit = changeWeight({ text: value, selectionStart, selectionEnd }, direction * WEIGHT_STEP);
      replaceText(event.currentTarget, edit);
    } else if (event.altKey && field === 'prompt') {
      event.preventDefault();
      const step = walkHistory(usePromptHistory.getState().prompts, walk.current, direction, event.currentTarget.value);
      if (!step) return;
      walk.current = step.walk;
      changeSettings({ prompt: step.prompt });
    }
  };
  const onTyped = () => {
    walk.current = undefined;
  };
  return { onKeyDown, onTyped };
}

function FoldButton({ id, label, open, locked, onFold }: Fold & { id: string; label: string }) {
  return (
    <button
      id={`${id}-fold`}
      type="button"
      className="prompt-fold"
      aria-expanded={open}
      aria-controls={open ? id : undefined}
      disabled={locked}
      onClick={() => onFold(!open)}
    >
      <ChevronRight size={14} aria-hidden="true" />
      {label}
    </button>
  );
}

/** Types the new text in the person's place: writing the value would empty the browser's undo history. */
function replaceText(area: HTMLTextAreaElement, { text, selectionStart, selectionEnd }: TextEdit): void {
  if (text === area.value) return;
  area.select();
  document.execCommand('insertText', false, text);
  // React writes the value once more; the selection must outlive that.
  requestAnimationFrame(() => area.setSelectionRange(selectionStart, selectionEnd));
}

/** The count of a moment ago stays until the new one is there. */
function useTokenCount(text: string): TokenCount | undefined {
  const model = useEngine((state) => state.model);
  const [count, setCount] = useState<TokenCount>();
  useEffect(() => {
    if (!model) return;
    let current = true;
    const timer = setTimeout(async () => {
      const counted = await countTokens(text);
      if (current) setCount(counted);
    }, 80);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [text, model]);
  return count;
}
