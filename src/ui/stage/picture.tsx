import { ClipboardCopy, Copy, Download, RotateCcw, Sprout, Trash2 } from 'lucide-react';
import { type PointerEvent as ReactPointerEvent, useEffect, useRef, useState } from 'react';
import { pictureFileName } from '../../store/file-name';
import { deleteResult, type Result, reuseSeed, reuseSettings } from '../../store/gallery';
import { notify } from '../../store/notices';
import { measuredDuration } from '../../store/time-left';
import { IconButton } from '../components/icon-button';

/** A finished picture: fit to the stage or enlarged by wheel, pinch or click, with what can be done with it. */
export function Picture({ result }: { result: Result }) {
  const { record, png, url } = result;
  const { request, timings } = record;
  const frame = useRef<HTMLDivElement>(null);
  const { zoom, pan, toggle, startPan } = useZoom(frame);
  const style = {
    '--ratio': record.width / record.height,
    '--largest': `${4 * record.width}px`,
    transform: `translate(${pan.x}px, ${pan.y}px) scale(${zoom})`,
    imageRendering: zoom > 3 ? ('pixelated' as const) : undefined,
  };
  return (
    <>
      <div ref={frame} className="stage-frame">
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: the wheel, pinch and click only enlarge what is seen already */}
        {/* biome-ignore lint/a11y/noNoninteractiveElementInteractions: as above */}
        <img
          className="stage-picture"
          data-testid="picture"
          src={url}
          alt={request.prompt || 'Picture without a prompt'}
          width={record.width}
          height={record.height}
          style={style}
          draggable={zoom === 1}
          onClick={toggle}
          onPointerDown={startPan}
        />
      </div>
      <div className="stage-bar">
        <p className="stage-facts" title={record.parameters}>
          {record.width} × {record.height} · seed {request.seed} · {request.steps} steps · prompt{' '}
          {measuredDuration(timings.encodeMs)}, denoising {measuredDuration(timings.denoiseMs)}, decoding{' '}
          {measuredDuration(timings.decodeMs)} · {measuredDuration(timings.totalMs)}
        </p>
        <a
          className="icon-button"
          href={url}
          download={pictureFileName(record.number, request)}
          aria-label="Download"
          title="Download"
        >
          <Download size={16} aria-hidden="true" />
        </a>
        <IconButton icon={Copy} label="Copy picture" onClick={() => void copyPicture(png)} />
        <IconButton
          icon={ClipboardCopy}
          label="Copy settings as text"
          onClick={() => void copyText(record.parameters)}
        />
        <IconButton icon={RotateCcw} label="Reuse settings" onClick={() => reuseSettings(result)} />
        <IconButton icon={Sprout} label="Reuse seed" onClick={() => reuseSeed(result)} />
        <IconButton icon={Trash2} label="Delete" onClick={() => void deleteResult(result)} />
      </div>
    </>
  );
}

async function copyPicture(png: Blob): Promise<void> {
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
    notify('Picture copied.');
  } catch {
    notify('The browser did not allow copying. Download the picture instead.');
  }
}

async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify('Settings copied.');
  } catch {
    notify('The browser did not allow copying.');
  }
}

const LARGEST_ZOOM = 16;

/** Wheel and pinch (which arrives as a wheel with Ctrl) enlarge, a drag moves, a click goes between fit and double. */
function useZoom(frame: React.RefObject<HTMLDivElement | null>) {
  const [zoom, setZoom] = useState(1);
  const [pan, setPan] = useState({ x: 0, y: 0 });
  const dragged = useRef(false);
  const set = (next: number) => {
    const clamped = Math.min(LARGEST_ZOOM, Math.max(1, next));
    setZoom(clamped);
    if (clamped === 1) setPan({ x: 0, y: 0 });
  };
  useEffect(() => {
    const element = frame.current;
    // React's wheel listeners are passive and could not stop the page from scrolling.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      setZoom((current) => {
        const next = Math.min(LARGEST_ZOOM, Math.max(1, current * Math.exp(-event.deltaY / 300)));
        if (next === 1) setPan({ x: 0, y: 0 });
        return next;
      });
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, [frame]);
  const startPan = (event: ReactPointerEvent<HTMLImageElement>) => {
    dragged.current = false;
    if (zoom === 1 || event.button !== 0) return;
    const image = event.currentTarget;
    const from = { x: event.clientX - pan.x, y: event.clientY - pan.y };
    image.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent) => {
      dragged.current = true;
      setPan({ x: moved.clientX - from.x, y: moved.clientY - from.y });
    };
    image.addEventListener('pointermove', move);
    image.addEventListener('pointerup', () => image.removeEventListener('pointermove', move), { once: true });
  };
  const toggle = () => {
    if (!dragged.current) set(zoom === 1 ? 2 : 1);
  };
  return { zoom, pan, toggle, startPan };
}
