import type { Fit, Verdict } from '../../core/memory-fit';
import { DEFAULT_REQUEST, type ModelDefaults } from '../../core/request/request';
import type { DeviceReport, FileReport, PredictionType } from '../../engine/protocol';
import { familyText } from '../../texts/families';
import { labelOfChoice } from '../../texts/fields';
import { texts as fileKinds } from '../../texts/file-kinds';
import { texts } from '../../texts/store';
import type { Access } from './library-files';
import type { LibraryRecord, Place } from './library-record';

export const PREDICTION_NAMES: Readonly<Record<PredictionType, string>> = {
  epsilon: texts.noiseEpsilon,
  v_prediction: texts.velocityV,
  sample: texts.pictureX0,
};

/** What a file was found to be. */
export function formatReport(report: FileReport): string {
  const { description } = fileKinds[report.kind];
  switch (report.kind) {
    case 'model':
      return (report.hasVae ? texts.modelReport : texts.modelReportWithoutVae)(familyText(report.architecture));
    case 'embedding':
      return texts.embeddingReport(description, report.word);
    default:
      return description;
  }
}

const UNITS = [texts.bytes, texts.kilobytes, texts.megabytes, texts.gigabytes] as const;

/** "2.13 GB": as file managers count, in thousands. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** power;
  return UNITS[power](power === 0 ? String(value) : value.toPrecision(3));
}

/** "DPM++ 2M Karras · 20 steps · CFG 7 · 512 × 512". */
export function formatDefaults(defaults: ModelDefaults): string {
  const { sampler, schedule, steps, cfgScale, width, height } = { ...DEFAULT_REQUEST, ...defaults };
  const names = [labelOfChoice('sampler', sampler)];
  if (schedule !== 'automatic') names.push(labelOfChoice('schedule', schedule));
  return texts.defaults({ sampler: names.join(' '), steps, cfgScale, size: `${width} × ${height}` });
}

/** Where its files are. */
export function formatPlace(place: Place, access: Access): string {
  const { kind } = place;
  switch (kind) {
    case 'bundled':
      return texts.bundled;
    case 'copy':
    case 'stored':
      return texts.keptInThisBrowser;
    case 'disk':
      return place.handle.kind === 'file' ? texts.fileOnYourDisk : texts.folderOnYourDisk;
    case 'dropped':
      return access === 'ready' ? texts.thisSessionOnly : texts.unavailable;
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
export function formatDaysAgo(time: number, now: number): string {
  const startOfDay = (at: number) => new Date(at).setHours(0, 0, 0, 0);
  // A day of 23 or 25 hours is one, too.
  const days = Math.round((startOfDay(now) - startOfDay(time)) / DAY_MS);
  if (days < 30) return texts.daysAgo(days);
  return texts.onDay(time);
}

/** What is known of a record, in a line. */
export function formatRecord({ bytes, facts }: Pick<LibraryRecord, 'bytes' | 'facts'>): string {
  return [facts?.architecture && familyText(facts.architecture), bytes > 0 ? formatBytes(bytes) : undefined]
    .filter((part) => part !== undefined)
    .join(' · ');
}

export const VERDICTS: Readonly<Record<Verdict, string>> = {
  fits: texts.fits,
  tight: texts.tight,
  unknown: texts.mayFit,
  'does-not-fit': texts.doesNotFit,
};

/** "needs about 5.0 GB on the card; the browser does not say how much yours has". */
export function formatFit(fit: Fit, { provider }: Pick<DeviceReport, 'provider'>, side: number): string {
  const { plan, bytes, size, bound, verdict } = fit;
  const ways = [
    size.width < side ? texts.atSize(size.width, size.height) : undefined,
    plan === 'together' ? undefined : verdict === 'does-not-fit' ? texts.evenInTurn : texts.inTurn,
  ].filter((way) => way !== undefined);
  const need = (provider === 'webgpu' ? texts.needsOnCard : texts.needsOnCpu)(formatGigabytes(bytes));
  return texts.fitOf([need, ...ways].join(', '), boundText());

  function boundText(): string {
    if (!bound) return verdict === 'fits' || verdict === 'tight' ? texts.ranBefore : texts.memoryUnknown;
    const limit = formatGigabytes(bound.bytes);
    if (bound.by === 'failed') return texts.didNotFit(limit);
    return provider === 'wasm' ? texts.browserLimit(limit) : texts.deviceLimit(limit);
  }
}

/** An estimate: no more than two digits of it mean anything. */
const formatGigabytes = (bytes: number) => texts.gigabytes((bytes / 1e9).toFixed(1));
