import { Check, X } from 'lucide-react';
import { type CSSProperties, type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import type { Box, Size } from '../../core/image/picture';
import type { Result } from '../../store/gallery/gallery';
import { LEAST_BOX, paintDetail } from '../../store/jobs/detail';
import { texts } from '../../texts/stage';
import { WholeNumber } from '../components/whole-number';
import './detail.css';

/** The box of a beginning, in the middle of a picture. */
export function middleBox({ width, height }: Size): Box {
  const side = Math.max(LEAST_BOX, Math.round(Math.min(width, height) / 3));
  const [w, h] = [Math.min(side, width), Math.min(side, height)];
  return { x: Math.round((width - w) / 2), y: Math.round((height - h) / 2), width: w, height: h };
}

/** A box in whole pixels of a picture, `LEAST_BOX` a side at least where the picture has as many. */
function within(box: Box, size: Size): Box {
  const side = (length: number, most: number) => Math.min(most, Math.max(LEAST_BOX, Math.round(length)));
  const [width, height] = [side(box.width, size.width), side(box.height, size.height)];
  const corner = (at: number, length: number, most: number) => Math.min(most - length, Math.max(0, Math.round(at)));
  return { x: corner(box.x, width, size.width), y: corner(box.y, height, size.height), width, height };
}

const KEYS: Readonly<Partial<Record<string, readonly [x: number, y: number]>>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

interface DetailBoxProps {
  size: Size;
  box: Box;
  /** The picture's, which it lies on. */
  style: CSSProperties;
  onBox(box: Box): void;
}

/** A box on a picture, drawn by dragging; arrows move it, with Shift they change its size. */
export function DetailBox({ size, box, style, onBox }: DetailBoxProps) {
  const from = useRef<{ x: number; y: number }>(undefined);
  const placeOf = ({ currentTarget, clientX, clientY }: PointerEvent<Element>) => {
    const { left, top, width, height } = currentTarget.getBoundingClientRect();
    return { x: ((clientX - left) * size.width) / width, y: ((clientY - top) * size.height) / height };
  };
  const drag = (event: PointerEvent<Element>) => {
    if (!from.current) return;
    const [a, b] = [from.current, placeOf(event)];
    const corner = { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y) };
    onBox(within({ ...corner, width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) }, size));
  };
  const move = (event: KeyboardEvent) => {
    const step = KEYS[event.key];
    if (!step) return;
    event.preventDefault();
    const [dx, dy] = step.map((direction) => direction * LEAST_BOX);
    const { x, y, width, height } = box;
    onBox(
      within(
        event.shiftKey ? { x, y, width: width + dx, height: height + dy } : { ...box, x: x + dx, y: y + dy },
        size,
      ),
    );
  };
  return (
    <svg
      className="stage-picture detail-box"
      style={style}
      viewBox={`0 0 ${size.width} ${size.height}`}
      role="application"
      aria-label={texts.detailBox(box)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows move and size the box
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = placeOf(event);
      }}
      onPointerMove={drag}
      onPointerUp={() => {
        from.current = undefined;
      }}
      onKeyDown={move}
    >
      <path
        className="detail-shade"
        fillRule="evenodd"
        d={`M0 0H${size.width}V${size.height}H0ZM${box.x} ${box.y}v${box.height}h${box.width}v${-box.height}Z`}
      />
      <rect {...box} className="detail-edge" />
    </svg>
  );
}

/** What is painted in the box, and how far from what is there. */
export function DetailBar({ result, box, onEnd }: { result: Result; box: Box; onEnd(): void }) {
  const [prompt, setPrompt] = useState('');
  const [percent, setPercent] = useState(40);
  return (
    <form
      className="detail-bar"
      aria-label={texts.paintDetail}
      onSubmit={(event) => {
        event.preventDefault();
        void paintDetail(result, { box, prompt, strength: percent / 100 });
        onEnd();
      }}
    >
      <input
        type="text"
        aria-label={texts.whatIsThere}
        placeholder={result.record.request.prompt || texts.whatIsThere}
        value={prompt}
        onChange={({ currentTarget }) => setPrompt(currentTarget.value)}
      />
      <WholeNumber label={texts.detailStrength} min={1} max={100} value={percent} onChange={setPercent} />
      <button type="submit" className="button">
        <Check size={16} aria-hidden="true" />
        {texts.paintBox(box.width, box.height)}
      </button>
      <button type="button" className="button" onClick={onEnd}>
        <X size={16} aria-hidden="true" />
        {texts.leave}
      </button>
    </form>
  );
}
