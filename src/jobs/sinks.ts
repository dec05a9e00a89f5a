import type { Grid } from './grid';
import type { Job, SinkId } from './job';
import type { Running } from './queue';

/** Takes the pictures of jobs where they belong. Page and command line have a registry of their own each. */
export interface JobSink<Picture> {
  /** A grid begins, or goes on after another one or another visit. */
  begin?(grid: Grid): void;
  /** A picture is done. Resolves when it is where it belongs. */
  deliver(picture: Picture, job: Job): Promise<void>;
  /** Nothing is left of the grid: all is done, or cancelled, or has failed. */
  end?(parent: Job): void;
}

/** Brings jobs to their sinks, each grid begun and ended once while it runs. */
export class Sinks<Picture, Sink extends JobSink<Picture> = JobSink<Picture>> {
  readonly #registry: Readonly<Record<SinkId, Sink>>;
  #begun: string | undefined;

  constructor(registry: Readonly<Record<SinkId, Sink>>) {
    this.#registry = registry;
  }

  /** The sink of a job. */
  of({ sink }: Pick<Job, 'sink'>): Sink {
    return this.#registry[sink];
  }

  has(sink: SinkId): boolean {
    return Object.hasOwn(this.#registry, sink);
  }

  /** A child begins; with the first of its grid, the grid does. */
  begin({ grid, child }: Running): void {
    if (this.#begun === grid.parent.id) return;
    this.#begun = grid.parent.id;
    this.of(child).begin?.({ ...grid, children: [child, ...grid.children] });
  }

  deliver(picture: Picture, job: Job): Promise<void> {
    return this.of(job).deliver(picture, job);
  }

  /** Nothing is left of a grid. */
  end(parent: Job): void {
    this.#begun = undefined;
    this.of(parent).end?.(parent);
  }
}
