import type { Fit, Verdict } from '../../core/memory-fit';
import { DEFAULT_REQUEST, type ModelDefaults } from '../../core/request/request';
import type { DeviceReport, FileReport, PredictionType } from '../../engine/protocol';
import { labelOfChoice } from '../../texts/fields';
import { texts as fileKinds } from '../../texts/file-kinds';
import type { Access } from './library-files';
import type { LibraryRecord, Place } from './library-record';

export const PREDICTION_NAMES: Readonly<Record<PredictionType, string>> = {
  epsilon: 'Noise (epsilon)',
  v_prediction: 'Velocity (v)',
};

/** What a file was found to be. */
export function formatReport(report: FileReport): string {
  const { description } = fileKinds[report.kind];
  switch (report.kind) {
    case 'model':
      return `${report.architecture.label} model${report.hasVae ? '' : ', without a VAE of its own'}`;
    case 'embedding':
      return `${description}, “${report.word}” in prompts`;
    default:
      return description;
  }
}

const UNITS = ['bytes', 'KB', 'MB', 'GB'] as const;

/** "2.13 GB": as file managers count, in thousands. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toPrecision(3)} ${UNITS[power]}`;
}

/** "DPM++ 2M Karras · 20 steps · CFG 7 · 512 × 512". */
export function formatDefaults(defaults: ModelDefaults): string {
  const { sampler, schedule, steps, cfgScale, width, height } = { ...DEFAULT_REQUEST, ...defaults };
  const named = schedule === 'automatic' ? '' : ` ${labelOfChoice('schedule', schedule)}`;
  return `${labelOfChoice('sampler', sampler)}${named} · ${steps} steps · CFG ${cfgScale} · ${width} × ${height}`;
}

/** Where its files are. */
export function formatPlace(place: Place, access: Access): string {
  const { kind } = place;
  switch (kind) {
    case 'bundled':
      return 'Comes with the page';
    case 'copy':
    case 'stored':
      return 'Kept in this browser';
    case 'disk':
      return place.handle.kind === 'file' ? 'File on your disk' : 'Folder on your disk';
    case 'dropped':
      return access === 'ready' ? 'This session only' : 'Unavailable: drop the file again';
    default:
      return kind satisfies never;
  }
}

/** An address as people call it: "huggingface.co/owner/name". */
export function formatSource(page: string): string {
  const url = URL.parse(page);
  return url ? `${url.host}${url.pathname}`.replace(/\/$/, '') : page;
}

const DAY_MS = 86_400_000;

/** "today", "3 days ago", "on 4 Oct 2026". @param time and `now` in milliseconds since 1970 */
export function formatDaysAgo(time: number, now: number, locale = 'en-GB'): string {
  const startOfDay = (at: number) => new Date(at).setHours(0, 0, 0, 0);
  // A day of 23 or 25 hours is one, too.
  const days = Math.round((startOfDay(now) - startOfDay(time)) / DAY_MS);
  if (days < 30) return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-days, 'day');
  return `on ${new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(time)}`;
}

/** What is known of a record, in a line. */
export function formatRecord({ bytes, facts }: Pick<LibraryRecord, 'bytes' | 'facts'>): string {
  return [facts?.architecture?.label, bytes > 0 ? formatBytes(bytes) : undefined]
    .filter((part) => part !== undefined)
    .join(' · ');
}

export const VERDICTS: Readonly<Record<Verdict, string>> = {
  fits: 'Fits',
  tight: 'Tight',
  unknown: 'May fit',
  'does-not-fit': 'Does not fit',
};

/** "needs about 5.0 GB on the card; the browser does not say how much yours has". */
export function formatFit(fit: Fit, { provider }: Pick<DeviceReport, 'provider'>, side: number): string {
  const { plan, bytes, size, bound } = fit;
  const on = provider === 'webgpu' ? 'on the graphics card' : 'on the CPU (minutes a picture)';
  const ways = [
    size.width < side ? `at ${size.width} × ${size.height}` : undefined,
    plan === 'together' ? undefined : IN_TURN[fit.verdict === 'does-not-fit' ? 'vain' : 'slow'],
  ].filter((way) => way !== undefined);
  const need = [`needs about ${formatGigabytes(bytes)} ${on}`, ...ways].join(', ');
  if (bound) return `${need}; ${BOUNDS[bound.by](formatGigabytes(bound.bytes), provider)}`;
  return fit.verdict === 'fits' || fit.verdict === 'tight'
    ? `${need}; as much has run here before`
    : `${need}; the browser does not say how much yours has`;
}

const IN_TURN = {
  vain: 'even with its parts loaded in turn',
  slow: 'with its parts loaded in turn (slower)',
} as const;

const BOUNDS = {
  failed: (bytes: string) => `${bytes} did not fit here before`,
  limit: (bytes: string, provider: DeviceReport['provider']) =>
    provider === 'wasm' ? `a browser gives it ${bytes} at most` : `this device has about ${bytes} for it`,
} as const;

/** An estimate: no more than two digits of it mean anything. */
const formatGigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
