import { describe, expect, it } from 'vitest';
import { parseClipTextConfig, parseUnetConfig } from './config';
import { parseUnet2dConfig } from './unet2d-config';

const TWO_LEVELS = {
  block_out_channels: [32, 64],
  down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
};

describe('parseUnetConfig', () => {
  it('reads numbers for all levels or for each, and diffusers’ defaults where a field is left out or null', () => {
    const config = parseUnetConfig({ ...TWO_LEVELS, layers_per_block: [1, 3], class_embed_type: null, norm_eps: null });
    expect(config).toMatchObject({ layers: [1, 3], heads: [8, 8], middle: { depth: 1 }, epsilon: 1e-5 });
    expect(config.downDepths).toEqual([[1], []]);
    expect(config.upDepths).toEqual([[], [1, 1]]);
    expect(parseUnetConfig({ ...TWO_LEVELS, num_attention_heads: 4, attention_head_dim: 16 }).heads).toEqual([4, 4]);
    expect(parseUnetConfig({ ...TWO_LEVELS, sample_size: [64, 32] }).sampleSize).toBeUndefined();
  });

  it('reads what distilled models leave out, and depths that differ within a level', () => {
    const read = (fields: object) => parseUnetConfig({ ...TWO_LEVELS, ...fields });
    expect(read({ mid_block_type: null }).middle).toBe('none');
    expect(read({ mid_block_type: 'UNetMidBlock2D' }).middle).toBe('one-resnet');
    const depths = { transformer_layers_per_block: [[1, 2], 3], reverse_transformer_layers_per_block: [1, [4, 5, 6]] };
    expect(read(depths)).toMatchObject({ downDepths: [[1, 2], []], middle: { depth: 3 }, upDepths: [[], [4, 5, 6]] });
    expect(read({ transformer_layers_per_block: [0, 2] }).downDepths).toEqual([[0, 0], []]);
    expect(read({ time_cond_proj_dim: 256 }).guidanceWidth).toBe(256);
  });

  it.each([
    [{ block_out_channels: undefined }, 'corrupt', /config\.json: block_out_channels is missing/],
    [{ block_out_channels: [] }, 'corrupt', /block_out_channels must be a list of 1 to 8 whole numbers/],
    [
      { block_out_channels: [32, 6.5] },
      'corrupt',
      /block_out_channels\.1 must be a whole number from 1 to 65536, not 6\.5/,
    ],
    [{ norm_num_groups: 5 }, 'corrupt', /block_out_channels 32 is not a multiple of norm_num_groups 5/],
    [{ layers_per_block: [1, 2, 3] }, 'corrupt', /layers_per_block must have 2 entries/],
    [{ up_block_types: ['UpBlock2D'] }, 'corrupt', /up_block_types must have 2 entries/],
    [{ transformer_layers_per_block: 200 }, 'corrupt', /layers_per_block and depths give 1010 blocks/],
    [{ transformer_layers_per_block: [1, [2]] }, 'corrupt', /transformer_layers_per_block\.1 must have 2 entries/],
    [{ transformer_layers_per_block: [[1, 2], 1] }, 'corrupt', /reverse_transformer_layers_per_block is missing/],
    [{ mid_block_type: 'MidBlock3D' }, 'unsupported', /mid_block_type = "MidBlock3D"/],
    [{ time_cond_proj_dim: 255 }, 'corrupt', /time_cond_proj_dim 255 is odd/],
    [{ use_linear_projection: 'yes' }, 'corrupt', /use_linear_projection must be true or false, not "yes"/],
    [{ addition_embed_type: 'text_time' }, 'corrupt', /addition_time_embed_dim is missing/],
    [{ addition_embed_type: 'image' }, 'unsupported', /addition_embed_type = "image" is not supported yet/],
    [{ down_block_types: ['DownBlock2D', 'K'] }, 'unsupported', /down_block_types\.1 = "K" is not supported yet/],
    [{ only_cross_attention: true }, 'unsupported', /only_cross_attention = true is not supported yet/],
    [{ class_embed_type: 'timestep' }, 'unsupported', /class_embed_type = "timestep" is not supported yet/],
    [{ _class_name: 'UNet3D' }, 'unsupported', /_class_name = "UNet3D" is not supported yet/],
  ])('refuses %j by file and field', (fields, code, message) => {
    expect(() => parseUnetConfig({ ...TWO_LEVELS, ...fields })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

describe('parseClipTextConfig', () => {
  it('reads transformers’ defaults, and whether the tower projects', () => {
    expect(parseClipTextConfig({})).toMatchObject({ width: 512, heads: 8, activation: 'quick_gelu', eos: 49407 });
    const projected = { architectures: ['CLIPTextModelWithProjection'], projection_dim: 1280 };
    expect(parseClipTextConfig(projected).projection).toBe(1280);
    expect(parseClipTextConfig({ projection_dim: 768 }).projection).toBeUndefined();
  });

  it.each([
    [{ hidden_act: 'relu' }, 'unsupported', /hidden_act = "relu"/],
    [{ max_position_embeddings: 64 }, 'unsupported', /max_position_embeddings = 64/],
    [{ num_attention_heads: 7 }, 'corrupt', /hidden_size 512 is not a multiple of num_attention_heads 7/],
    [{ num_hidden_layers: 1000 }, 'corrupt', /num_hidden_layers must be a whole number from 1 to 128, not 1000/],
  ])('refuses %j by file and field', (fields, code, message) => {
    expect(() => parseClipTextConfig(fields)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

it('heads divide the widths that attention works on, and no others', () => {
  const attending = ['AttnDownBlock2D', 'AttnUpBlock2D'];
  const unet = {
    block_out_channels: [24, 32],
    down_block_types: ['DownBlock2D', attending[0]],
    up_block_types: [attending[1], 'UpBlock2D'],
    norm_num_groups: 8,
    attention_head_dim: 32,
  };
  expect(parseUnet2dConfig(unet)).toMatchObject({ channels: [24, 32], headWidth: 32 });
  const refused = (changes: object) => () => parseUnet2dConfig({ ...unet, ...changes });
  expect(refused({ attention_head_dim: 12 })).toThrow('32 is not a multiple of attention_head_dim 12');
  expect(refused({ down_block_types: [attending[0], attending[0]] })).toThrow('24 is not a multiple');
  expect(refused({ up_block_types: [attending[1], attending[1]] })).toThrow('24 is not a multiple');
});
