import { create } from 'zustand';
import type { EaselError } from '../../core/errors';
import type { PaintedPicture } from '../../engine/protocol';
import type { Job } from '../../jobs/job';
import { errorText } from '../../texts/errors';

/** From what is painted live: the words of the form, or what stands on the canvas. */
export type LiveSource = 'words' | 'canvas';

export interface LivePicture {
  painted: PaintedPicture;
  /** Object URL of the PNG; it goes with the picture. */
  url: string;
  job: Job;
  source: LiveSource;
  /** From the change that it shows to its being there, in milliseconds. */
  ms: number;
  /** What was said of it, in sentences. */
  notes: readonly string[];
  isKept: boolean;
}

interface LiveState {
  on: boolean;
  /** Where the person is; undefined where nothing is painted. */
  source: LiveSource | undefined;
  /** What is painted with where the form asks for a random seed. */
  seed: number;
  picture: LivePicture | undefined;
  /** Whether the stage shows it: until something else is painted or chosen. */
  isShown: boolean;
  /** Why the form as it stands has no picture. */
  problem: string | undefined;
}

/** What is painted live. Nothing of it is stored. */
export const useLive = create<LiveState>(() => ({
  on: false,
  source: undefined,
  seed: 0,
  picture: undefined,
  isShown: false,
  problem: undefined,
}));

/** What is on its way: the change that it shows, and what was said of it so far. */
let coming: { source: LiveSource; since: number; notes: string[] } | undefined;

/** A picture begins. @param since when the form changed to what it will show, by `performance.now()` */
export function expectLive(source: LiveSource, since: number): void {
  coming = { source, since, notes: [] };
}

/** Something was done otherwise than asked: it is said with the picture, since a message a keystroke is no help. */
export function noteLive(note: string): void {
  coming?.notes.push(note);
}

/** A picture is there, in the place of the one before. */
export function showLive(painted: PaintedPicture, job: Job): void {
  if (!coming || !useLive.getState().on) return;
  const { source, since, notes } = coming;
  dropLive();
  const url = URL.createObjectURL(painted.png);
  const picture = { painted, url, job, source, notes, ms: performance.now() - since, isKept: false };
  useLive.setState({ picture, isShown: true, problem: undefined });
}

/** A picture failed: the one before stays, with the sentence. */
export function failLive(error: EaselError): void {
  useLive.setState({ problem: errorText(error) });
}

/** Forgets the picture. */
export function dropLive(): void {
  const { picture } = useLive.getState();
  if (picture) URL.revokeObjectURL(picture.url);
  useLive.setState({ picture: undefined, isShown: false });
}
