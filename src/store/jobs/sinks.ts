import type { EaselError } from '../../core/errors';
import type { EngineEvent, PaintedPicture } from '../../engine/protocol';
import type { Job } from '../../jobs/job';
import { type JobSink, Sinks } from '../../jobs/sinks';
import { offerCandidate } from '../canvas/canvas-candidates';
import { useEngine } from '../engine';
import { addPicture } from '../gallery/gallery';
import { addToBatch } from './batch';
import { endChain, watchChain } from './chains';
import { failFolder, noteFolder, writeToFolder } from './folder-state';
import { failLive, noteLive, showLive } from './live-picture';
import { addCell, beginPlot } from './plot';
import { keepTest } from './test-picture';
import { addWalkPicture, beginWalk } from './walk';

interface PageSink extends JobSink<PaintedPicture> {
  /** It takes what a person asked for in the form: the prompt is remembered, and the steps are recorded. */
  fromForm: boolean;
  /** What it takes is not shown as it emerges. */
  quiet?: boolean;
  /** It is a place of its own: its jobs end with the page, and what is said of them is said there. */
  aside?: {
    note(sentence: string): void;
    failed(error: EaselError): void;
  };
  /** It is of the model that was asked, whatever a person opens meanwhile. */
  keepsModel?: true;
  /** Is told of each step. */
  watch?(event: EngineEvent, job: Job): void;
}

const keepResult = (picture: PaintedPicture, { origin }: Job) =>
  addPicture(picture, useEngine.getState().model?.info.name ?? '', origin);

const REGISTRY = {
  /** To the results. */
  gallery: {
    fromForm: true,
    async deliver(picture, job) {
      const { record } = await keepResult(picture, job);
      addToBatch(job, record.id);
    },
  },
  /** To the results, each in its place of a plot. */
  plot: {
    fromForm: true,
    begin: beginPlot,
    async deliver(picture, job) {
      const { record } = await keepResult(picture, job);
      addCell(job, record.id);
    },
  },
  /** To the results, like those that were painted. */
  enlarged: {
    fromForm: false,
    deliver: async (picture, job) => void (await keepResult(picture, job)),
  },
  /** Offered at its place on the canvas, and kept with the results. */
  canvas: {
    fromForm: true,
    async deliver(picture, job) {
      const { place } = job;
      const { record } = await keepResult(picture, job);
      if (place) await offerCandidate(picture, place, record.id);
    },
  },
  /** To the lab, from one seed or prompt to another. */
  walk: {
    fromForm: false,
    begin: ({ children }) => beginWalk(children.length),
    deliver: async (picture) => addWalkPicture(picture),
  },
  /** To the stage, or beside the canvas, for the moment. */
  live: {
    fromForm: false,
    quiet: true,
    aside: { note: noteLive, failed: failLive },
    deliver: async (picture, job) => showLive(picture, job),
  },
  /** To a folder of the person's; to the results where that refuses it. */
  folder: {
    fromForm: false,
    aside: { note: noteFolder, failed: failFolder },
    async deliver(picture, job) {
      if (!(await writeToFolder(picture, job))) await keepResult(picture, job);
    },
  },
  /** To the lab, each with its way from noise. */
  chain: {
    fromForm: false,
    keepsModel: true,
    watch: watchChain,
    deliver: async (picture, job) => endChain(picture, job),
  },
  /** One small picture that shows whether a model works, to the library. */
  test: {
    fromForm: false,
    keepsModel: true,
    deliver: async (picture, { model }) => keepTest(model ?? '', picture),
  },
} satisfies Record<string, PageSink>;

export type PageSinkId = keyof typeof REGISTRY;

/** Where the page's pictures go. */
export const sinks = new Sinks<PaintedPicture, PageSink>(REGISTRY);
