import { unusable } from './part';

/** What makes a finished picture larger. */
export const upscaler = unusable('upscaler', [
  {
    what: 'an upscaler (ESRGAN)',
    key: /^(?:params(?:_ema)?\.)?(?:(?:model\.)?\d+\.sub\.\d+\.RDB\d|body\.\d+\.rdb\d\.|RRDB_trunk\.)/,
  },
  {
    what: 'an upscaler (Real-ESRGAN, compact)',
    key: /^(?:params(?:_ema)?\.)?body\.\d+\.weight$/,
    without: /^(?!(?:params(?:_ema)?\.)?body\.\d+\.(?:weight|bias)$)/,
  },
  { what: 'an upscaler (SwinIR or like it)', key: /^(?:params(?:_ema)?\.)?conv_after_body\./ },
]);
