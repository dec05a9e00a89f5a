import { EaselError, said, toEaselError } from '../../core/errors';
import type { EngineEvent, ModelInfo, ModelSource } from '../../engine/protocol';
import { TransferRate } from '../../library/download/transfer-rate';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { type EngineStatus, type Loading, reportProblem, useEngine, type WantedModel } from '../engine';
import { engine } from '../engine-port';
import { notify } from '../notices';
import { setFast } from '../settings/fast';
import { type Preferences, usePreferences } from '../settings/preferences';
import { adoptModel, useSettings } from '../settings/settings';
import { attachAdapters, tellRefused } from './adapters';
import { attachPreviewDecoder } from './autoencoders';
import { EMBLEMS_RECORD, EMBLEMS_SOURCE } from './emblems';
import { learnModelHash } from './file-hashes';
import { knownMemory } from './memory';
import { STARTER, STARTER_SOURCE } from './starter';

/** CLIP's vocabulary, which checkpoints of one file lack. */
const VOCABULARY = 'models/clip/';

let loads: Promise<unknown> = Promise.resolve();

/** Loads a model after those already asked for; the one before stays when this one cannot be read. */
export function openModel(wanted: WantedModel): Promise<boolean> {
  return enqueueLoad(wanted, false);
}

function enqueueLoad(wanted: WantedModel, recovering: boolean): Promise<boolean> {
  useEngine.setState(({ opening }) => ({ opening: opening + 1 }));
  const turn = loads.then(() => load(wanted, recovering));
  loads = turn;
  return turn;
}

/** What the page's own models, folders and files are called before their own name is known. */
function sourceName(source: ModelSource): string {
  switch (source.kind) {
    case 'url':
      if (source === EMBLEMS_SOURCE) return EMBLEMS_RECORD.name;
      return source === STARTER_SOURCE ? texts.theStarterModel : source.base;
    case 'folder':
      return source.name;
    default:
      return source satisfies never;
  }
}

/** The status at the beginning of a load. */
function loadingOf({ id, source }: WantedModel, recovering: boolean): Extract<EngineStatus, { kind: 'loading' }> {
  const loading = {
    id,
    name: sourceName(source),
    recovering,
    stage: 'download',
    loadedBytes: 0,
    totalBytes: 0,
    silent: false,
  } as const;
  return { kind: 'loading', loading, stop: new AbortController() };
}

async function load(wanted: WantedModel, recovering: boolean): Promise<boolean> {
  const { id, source, prediction, vae, classifier, ownDefaults } = wanted;
  const { device, onnxruntimeKernels } = usePreferences.getState();
  await waitUntilIdle();
  const status = loadingOf(wanted, recovering);
  const memory = knownMemory(id);
  const rate = new TransferRate();
  useEngine.setState({ problem: undefined, status });
  try {
    const model = await engine().load(
      {
        source,
        prediction,
        vae,
        classifier,
        memory,
        vocabulary: VOCABULARY,
        device,
        kernels: onnxruntimeKernels ? 'onnxruntime' : 'auto',
      },
      (event) => changeLoading({ ...progressOf(event, rate), silent: false }),
      status.stop.signal,
    );
    useEngine.setState({ stopped: undefined });
    expectedFast(model.info);
    adoptModel(model.info.name, { ...model.info.defaults, ...ownDefaults });
    // None of these can keep a model from painting.
    await attachAdapters().then(tellRefused, (thrown) => notify(errorText(thrown)));
    await attachPreviewDecoder(model.info.latentSpace);
    const { stopped } = useEngine.getState();
    if (stopped) throw stopped;
    useEngine.setState(({ opening }) => ({
      model: { ...model, id, source, prediction, vae, classifier, ownDefaults, memory },
      status: { kind: 'ready' },
      opening: opening - 1,
    }));
    learnModelHash(id);
    return true;
  } catch (thrown) {
    const error = toEaselError(thrown);
    const { status } = useEngine.getState();
    const stage = status.kind === 'loading' ? status.loading.stage : undefined;
    if (error.code !== 'aborted') reportProblem(error, 'load', sourceName(source), { wanted, stage });
    useEngine.setState(({ model, opening }) => ({ status: { kind: model ? 'ready' : 'empty' }, opening: opening - 1 }));
    return false;
  }
}

/** The form of a first visit may have begun as that of a model with a LoRA for few steps. */
function expectedFast({ fast }: ModelInfo): void {
  const { modelName, values } = useSettings.getState();
  if (modelName === undefined && values.fast && !fast) setFast(false, {});
}

/** A run belongs to its model: opening another ends it within a step. */
async function waitUntilIdle(): Promise<void> {
  const { status } = useEngine.getState();
  if (status.kind !== 'painting') return;
  const ended = new Promise<void>((resolve) => {
    const unsubscribe = useEngine.subscribe((now) => {
      if (now.status.kind === 'painting') return;
      unsubscribe();
      resolve();
    });
  });
  status.stop.abort();
  await ended;
}

/** What an event changes of the loading that the page shows. @param rate of this loading's bytes so far */
function progressOf(event: EngineEvent, rate: TransferRate): Partial<Loading> {
  switch (event.type) {
    case 'download': {
      const { loadedBytes, totalBytes } = event;
      const { status } = useEngine.getState();
      const before = status.kind === 'loading' ? status.loading.loadedBytes : 0;
      rate.add(loadedBytes - before, performance.now());
      const perSecond = rate.perSecond(performance.now());
      const leftMs = perSecond ? ((totalBytes - loadedBytes) * 1000) / perSecond : undefined;
      return { stage: 'download', loadedBytes, totalBytes, leftMs };
    }
    case 'stage':
      return { stage: event.stage };
    case 'step':
    case 'preview':
    case 'picture':
      return {};
    default:
      return event satisfies never;
  }
}

function changeLoading(change: Partial<Loading>): void {
  useEngine.setState(({ status }) =>
    status.kind === 'loading' ? { status: { ...status, loading: { ...status.loading, ...change } } } : {},
  );
}

/** The engine that held the model is gone. Whoever waits for it says so; while nobody does, it is said here. */
export function engineStopped(error: EaselError): void {
  useEngine.setState({ stopped: error });
  const { status, model } = useEngine.getState();
  if (status.kind === 'ready') reportProblem(error, 'load', model?.info.name ?? '', { wanted: model });
}

/** Nothing was heard for long of what is being opened. */
export function engineSilent(): void {
  changeLoading({ silent: true });
}

/** Gives up the model that is being opened; the one before stays. */
export function cancelLoading(): void {
  const { status } = useEngine.getState();
  if (status.kind === 'loading') status.stop.abort();
}

/** Runs models elsewhere from now on; the open one is loaded again there. */
export async function preferDevice(device: Preferences['device']): Promise<void> {
  if (usePreferences.getState().device === device) return;
  usePreferences.setState({ device });
  const { model } = useEngine.getState();
  await openModel(model ?? STARTER);
}

/**
 * Runs graphics cards with onnxruntime's kernels throughout, or with Easel's own again; the open model is loaded anew.
 */
export async function preferOnnxruntimeKernels(onnxruntimeKernels: boolean): Promise<void> {
  usePreferences.setState({ onnxruntimeKernels });
  const { model } = useEngine.getState();
  if (model?.device.provider === 'webgpu') await openModel(model);
}

/** Loads the model again after its graphics device was lost. */
export async function recoverDevice(willRetry: boolean): Promise<void> {
  const { model } = useEngine.getState();
  if (!model) return;
  // The run has ended; its turn to load may come later.
  useEngine.setState({ status: loadingOf(model, true) });
  const back = await enqueueLoad(model, true);
  if (!back) return;
  if (willRetry) notify(texts.deviceIsBack);
  else {
    const error = new EaselError(
      'device-lost',
      said`The graphics device was lost twice on this picture. Try a smaller size, or the CPU.`,
    );
    reportProblem(error, 'paint', model.info.name);
  }
}
