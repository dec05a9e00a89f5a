import * as v from 'valibot';
import { EaselError, said } from '../../core/errors';
import { readFields } from '../read-fields';
import { parseUnetConfig, type UnetConfig } from './config';
import type { BuiltGraph, Dialect } from './types';
import { buildUnet } from './unet';
import { buildUnet2d } from './unet2d';
import { parseUnet2dConfig, type Unet2dConfig } from './unet2d-config';

/** A network that denoises: one that a text or another sequence enters, or one without. */
export type DenoiserConfig = UnetConfig | Unet2dConfig;

const ClassSchema = v.object({ _class_name: v.nullish(v.string()) });

/**
 * Checks unet/config.json, whichever of diffusers' UNets it describes.
 * @throws EaselError as `parseUnetConfig` and `parseUnet2dConfig`
 */
export function parseDenoiserConfig(json: unknown, file = 'unet/config.json'): DenoiserConfig {
  const { _class_name } = readFields(ClassSchema, json, file);
  return _class_name === 'UNet2DModel' ? parseUnet2dConfig(json, file) : parseUnetConfig(json, file);
}

export function buildDenoiser(config: DenoiserConfig, dialect: Dialect): BuiltGraph {
  switch (config.kind) {
    case 'conditioned':
      return buildUnet(config, dialect);
    case 'unet2d':
      return buildUnet2d(config, dialect);
    default:
      config satisfies never;
      throw new EaselError('internal', said`Unknown kind of denoiser.`);
  }
}
