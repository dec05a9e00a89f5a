import type { Box, InputImage } from '../../core/image/picture';
import { fieldNames } from '../../core/request/fields';
import type { Origin } from '../../core/request/recipe';
import type { GenerationRequest } from '../../core/request/request';
import { isTemplate } from '../../core/text/dynamic/template';
import { batchGrid, type Grid, resolveGrid } from '../../jobs/grid';
import { type BlobRef, type Enlargement, type Job, recipeFor } from '../../jobs/job';
import { type DrawSeed, resolveSeeds } from '../../jobs/seeds';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { useEngine } from '../engine';
import { missingLoras } from '../library/adapters';
import { openModel } from '../library/models';
import { STARTER_ID } from '../library/starter';
import { inStyles } from '../lists/styles';
import { useWildcards, wildcardsRead } from '../lists/wildcards';
import { notify } from '../notices';
import { rememberPrompt } from '../settings/prompt-history';
import { useSettings } from '../settings/settings';
import { drawSeed } from './draw-seed';
import { keepInputs } from './inputs';
import { queue } from './jobs';
import { type PageSinkId, sinks } from './sinks';

/** What a person asks for. */
interface Wanted {
  request: GenerationRequest;
  sink: PageSinkId;
  /** What to paint from, and the place on the canvas that it shows. */
  given?: InputImage;
  place?: Box;
  /** The result that it is made of. */
  origin?: Origin;
  /** Of its record; the open one, or the one that is about to be, where left out. */
  model?: string;
  /** Of a plot's cell, as a job's. */
  vae?: Job['vae'];
  /** How a finished picture is made larger. */
  enlargement?: Enlargement;
  /** Of a plot's cell that is painted again. */
  cell?: Job['cell'];
  /** The pictures that the job comes to; a batch where left out. */
  pictures?(parent: Job): Grid;
}

/** While the inputs of a job are kept, or the wildcards read: what is asked for meanwhile stays behind it. */
let keeping: Promise<void> | undefined;

/** Puts a job behind those that wait, its seed drawn; a model that is gone is loaded again for it. */
export function enqueue(wanted: Wanted, draw: DrawSeed = drawSeed): void {
  const { sink, given, place, origin, cell, vae, enlargement, pictures = batchGrid } = wanted;
  const request = resolveSeeds(wanted.request, draw);
  const { stopped, opening, model } = useEngine.getState();
  const job: Omit<Job, 'recipe' | 'inputs'> = {
    id: crypto.randomUUID(),
    model: wanted.model ?? modelOfForm(),
    request,
    sink,
    place,
    ...(origin && { origin }),
    ...(cell && { cell }),
    ...(vae !== undefined && { vae }),
    ...(enlargement && { enlargement }),
  };
  const recipeOf = (inputs: readonly BlobRef[]) => (enlargement ? 'upscale' : recipeFor(inputs, request));
  // What a result is made of has them in its prompt.
  const styled = sinks.of(job).fromForm && !origin && !cell ? inStyles(request) : request;
  const add = (inputs: readonly BlobRef[]) => {
    const grid = pictures({ ...job, request: styled, recipe: recipeOf(inputs), inputs });
    addGrid(enlargement ? grid : resolveGrid(grid, useWildcards.getState().wildcards));
  };
  if (sinks.of(job).fromForm) rememberPrompt(request.prompt);
  if (stopped && opening === 0 && model) void openModel(model);
  useEngine.setState({ problem: undefined });
  const waits = useWildcards.getState().loading && isAnyTemplate(styled);
  if (given || keeping || waits) void addInTurn(given, waits, add);
  else tellFailure(() => add([]));
}

/** Queues pictures, and says which LoRAs that they name are not there. */
function addGrid(grid: Grid): void {
  const prompts = grid.children.filter(({ enlargement }) => !enlargement).map(({ request }) => request.prompt);
  const missing = new Set([...new Set(prompts)].flatMap(missingLoras));
  if (missing.size > 0) notify(texts.generatedWithout([...missing]));
  queue.enqueue(grid);
}

/** Nothing is queued where a prompt cannot be resolved, and the form stays as it is. */
function tellFailure(add: () => void): void {
  try {
    add();
  } catch (thrown) {
    notify(errorText(thrown));
  }
}

/** Whether a request's prompts may name wildcards. */
const isAnyTemplate = (request: GenerationRequest): boolean =>
  fieldNames(({ kind }) => kind === 'text').some((name) => isTemplate(String(request[name] ?? '')));

async function addInTurn(
  given: InputImage | undefined,
  waits: boolean,
  add: (inputs: readonly BlobRef[]) => void,
): Promise<void> {
  const inputs = given ? keepInputs(given) : [];
  const added = Promise.all([inputs, keeping, waits && wildcardsRead()])
    .then(([refs]) => tellFailure(() => add(refs)))
    .catch((thrown) => notify(texts.notQueued(errorText(thrown))));
  keeping = added;
  await added;
  if (keeping === added) keeping = undefined;
}

/** The model that the form is for: the open one or, at the start, the one that opens first. */
function modelOfForm(): string | undefined {
  if (useSettings.getState().modelName === undefined) return undefined;
  return useEngine.getState().model?.id ?? STARTER_ID;
}
