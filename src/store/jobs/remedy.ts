import { texts } from '../../texts/store';
import { type EngineState, useEngine, type WantedModel } from '../engine';
import { openModel, preferDevice } from '../library/models';
import { STARTER } from '../library/starter';
import { smallerTry } from './smaller-try';

/** The one thing that most likely helps after a failure. */
export interface Remedy {
  label: string;
  /** What it changes, in a sentence, where that is no matter of course. */
  explanation?: string;
  run(): void;
}

/** What to offer beside a failure; undefined where only other settings or another folder help. */
export function remedyFor({ problem, model }: Pick<EngineState, 'problem' | 'model'>): Remedy | undefined {
  const code = problem?.code;
  switch (code) {
    case 'no-webgpu':
      return { label: texts.useTheCpu, run: () => void preferDevice('wasm') };
    case 'engine-stopped':
      return { label: texts.loadTheModelAgain, run: () => void openModel(problem?.wanted ?? model ?? STARTER) };
    case 'out-of-memory':
      return (problem && smallerTry(problem, model)) ?? (model && openAgain(model));
    case 'internal':
    case 'device-lost':
      // A worker or device that failed once is not to be trusted: a fresh one is a load away.
      return model && openAgain(model);
    case 'offline':
    case 'corrupt':
      return model ? undefined : { label: texts.tryAgain, run: () => void openModel(STARTER) };
    case 'unsupported':
      return model ? undefined : { label: texts.openTheStarterModel, run: () => void openModel(STARTER) };
    case 'quota':
    case 'no-storage':
    case 'aborted':
    case 'bad-request':
    case undefined:
      return undefined;
    default:
      return code satisfies never;
  }
}

const openAgain = (model: WantedModel): Remedy => ({
  label: texts.loadTheModelAgain,
  run: () => void openModel(model),
});

/** Takes the remedy of the problem that is shown. */
export function takeRemedy(): void {
  remedyFor(useEngine.getState())?.run();
}
