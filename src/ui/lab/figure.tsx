import { type PlotOptions, plot } from '@observablehq/plot';
import { useEffect, useRef, useState } from 'react';
import { lineColour } from './colours';
import './figure.css';

interface FigureProps {
  /** What it shows, for those who do not see it. */
  label: string;
  /** How many colours the marks name, as `var(--line-0)` and on. */
  colours: number;
  /** The plot for a width in pixels; one that stays the same is not drawn again. */
  draw(width: number): PlotOptions;
}

/** What the drawing library says is pointed at. */
export interface Pointed {
  /** The class of the line that it belongs to. */
  line: string;
}

/** Brings the line that is pointed at out, without drawing anew: that would take the pointer's place away. */
function liftPointed(drawing: ReturnType<typeof plot>): void {
  const { line }: Partial<Pointed> = drawing.value ?? {};
  for (const group of drawing.querySelectorAll('[class^="line-of-"]')) {
    const isPointed = line !== undefined && group.classList.contains(line);
    group.toggleAttribute('data-lifted', isPointed);
    group.toggleAttribute('data-faded', line !== undefined && !isPointed);
  }
}

/** A plot as wide as its place. Its colours are the page's, so that a change of theme needs no new drawing. */
export function Figure({ label, colours, draw }: FigureProps) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (width === 0) return;
    const drawing = plot({ width, style: { background: 'transparent' }, ...draw(width) });
    // The library names every group of marks, which is of no use to anyone; the figure's own label stands for all.
    drawing.setAttribute('aria-hidden', 'true');
    drawing.addEventListener('input', () => liftPointed(drawing));
    place.current?.replaceChildren(drawing);
  }, [width, draw]);
  const palette = Object.fromEntries(
    Array.from({ length: colours }, (_, i) => [`--line-${i}`, lineColour(i, colours)]),
  );
  return <div ref={place} className="figure" role="img" aria-label={label} style={palette} />;
}
