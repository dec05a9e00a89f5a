import type { UnetConfig } from './config';
import type { BuiltGraph, Dialect } from './types';
/**
 * diffusers' UNet2DConditionModel: sample [batch, channels, height, width], timestep [1], encoder_hidden_states
 * [batch, tokens, width], and where the network has them text_embeds [batch, width] and time_ids [batch, 6] -> out_sample. Any height, width and number of tokens; sides need not divide by 8.
 */
export declare function buildUnet(config: UnetConfig, dialect: Dialect): BuiltGraph;
