import * as v from 'valibot';
import type { AttachReport } from '../core/attach-report';
import { EaselError, said } from '../core/errors';
import { startVae } from '../model/running/painting-model';
import { asModelFiles } from './model-source';
import type { OpenModel } from './open-model';
import type { Previews } from './preview';
import type { AttachKind, Attachment, NamedFile } from './protocol';
import { NamedFileSchema, read } from './wire';

/** The loaded model, and where what is attached to it acts. */
export interface AttachTarget {
  open: OpenModel;
  previews: Previews;
}

/** As EngineApi's. */
export async function attach(
  kind: AttachKind,
  files: readonly NamedFile[],
  { open, previews }: AttachTarget,
  signal?: AbortSignal,
): Promise<readonly Attachment[]> {
  const { model, device, adapters } = open;
  const [file, ...others] = read(v.array(NamedFileSchema), files, said`What should be attached must be files.`);
  if (kind !== 'adapter' && others.length > 0)
    throw new EaselError(
      'bad-request',
      kind === 'vae' ? said`A model takes one VAE.` : said`A model takes one preview decoder.`,
    );
  switch (kind) {
    case 'adapter':
      return adapters.set(files, model, signal);
    case 'vae': {
      const report = await model.attachVae(file && asModelFiles(file), signal);
      open.vae = file?.name;
      return report ? [attached(report)] : [];
    }
    case 'preview-decoder': {
      const started = file && (await startVae(asModelFiles(file), model.info, device, { signal }));
      await previews.decodeWith(started?.running);
      return started ? [attached(started.report)] : [];
    }
    default:
      kind satisfies never;
      throw new EaselError('bad-request', said`Nothing can be attached as ${JSON.stringify(kind)}.`);
  }
}

const attached = (report: AttachReport): Attachment => ({ name: report.name, outcome: 'attached', report });
