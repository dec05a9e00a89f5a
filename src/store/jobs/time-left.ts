import { texts } from '../../texts/store'; /** Where a run stands, as far as the time left depends on it. */
export interface RunProgress {
  /** Steps done of the current picture. */
  step: number;
  of: number;
  /** Index of the current picture. */
  picture: number;
  pictures: number;
  msPerStep: number;
  /** What is left of the picture and what it takes in all, in steps like the last; left out where all are alike. */
  work?: { left: number; whole: number };
  /** What decoding took last time; 0 when unknown. */
  decodeMs: number;
}

/** Milliseconds until the last picture of the run is there; undefined before the first step says how fast it goes. */
export function timeLeftMs(progress: RunProgress): number | undefined {
  const { step, of, picture, pictures, msPerStep, decodeMs, work = { left: of - step, whole: of } } = progress;
  if (step === 0 && picture === 0) return undefined;
  const pictureMs = work.whole * msPerStep + decodeMs;
  return work.left * msPerStep + decodeMs + (pictures - 1 - picture) * pictureMs;
}

/** "3 s", "1 min 20 s", "2 h 5 min": coarse, as an estimate should be. */
export function spokenDuration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 60) return texts.seconds(seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? texts.minutes(minutes) : texts.minutesAndSeconds(minutes, seconds % 60);
  return texts.hoursAndMinutes(Math.floor(minutes / 60), minutes % 60);
}

/** "412 ms" below a second, "1.4 s" above: one stage's or step's time. */
export function measuredDuration(ms: number): string {
  if (ms < 1000) return texts.milliseconds(Math.round(ms));
  return texts.seconds((ms / 1000).toFixed(ms < 10_000 ? 2 : 1));
}
