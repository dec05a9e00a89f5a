import { toEaselError } from '../../core/errors';
import type { Box, InputImage } from '../../core/image/picture';
import type { Origin } from '../../core/request/recipe';
import type { GenerationRequest } from '../../core/request/request';
import { batchGrid, type Grid } from '../../jobs/grid';
import { type BlobRef, type Enlargement, type Job, recipeFor } from '../../jobs/job';
import { type DrawSeed, resolveSeeds } from '../../jobs/seeds';
import { texts } from '../../texts/store';
import { useEngine } from '../engine';
import { missingLoras } from '../library/adapters';
import { openModel } from '../library/models';
import { STARTER_ID } from '../library/starter';
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
  /** How a finished picture is made larger. */
  enlargement?: Enlargement;
  /** The pictures that the job comes to; a batch where left out. */
  pictures?(parent: Job): Grid;
}

/** While the inputs of a job are kept: what is asked for meanwhile stays behind it. */
let keeping: Promise<void> | undefined;

/** Puts a job behind those that wait, its seed drawn; a model that is gone is loaded again for it. */
export function enqueue(wanted: Wanted, draw: DrawSeed = drawSeed): void {
  const { sink, given, place, origin, enlargement, pictures = batchGrid } = wanted;
  const request = resolveSeeds(wanted.request, draw);
  const { stopped, opening, model } = useEngine.getState();
  const job: Omit<Job, 'recipe' | 'inputs'> = {
    id: crypto.randomUUID(),
    model: wanted.model ?? modelOfForm(),
    request,
    sink,
    place,
    ...(origin && { origin }),
    ...(enlargement && { enlargement }),
  };
  const recipeOf = (inputs: readonly BlobRef[]) => (enlargement ? 'upscale' : recipeFor(inputs, request));
  const add = (inputs: readonly BlobRef[]) => queue.enqueue(pictures({ ...job, recipe: recipeOf(inputs), inputs }));
  if (sinks.of(job).fromForm) rememberPrompt(request.prompt);
  const missing = enlargement ? [] : missingLoras(request.prompt);
  if (missing.length > 0) notify(texts.generatedWithout(missing));
  if (stopped && opening === 0 && model) void openModel(model);
  useEngine.setState({ problem: undefined });
  if (given || keeping) void addInTurn(given, add);
  else add([]);
}

async function addInTurn(given: InputImage | undefined, add: (inputs: readonly BlobRef[]) => void): Promise<void> {
  const inputs = given ? keepInputs(given) : [];
  const added = Promise.all([inputs, keeping])
    .then(([refs]) => add(refs))
    .catch((thrown) => notify(texts.notQueued(toEaselError(thrown).message)));
  keeping = added;
  await added;
  if (keeping === added) keeping = undefined;
}

/** The model that the form is for: the open one or, at the start, the one that opens first. */
function modelOfForm(): string | undefined {
  if (useSettings.getState().modelName === undefined) return undefined;
  return useEngine.getState().model?.id ?? STARTER_ID;
}
