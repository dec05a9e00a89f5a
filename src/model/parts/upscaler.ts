import { said } from '../../core/errors';
import { COMPACT_KEY, RRDB_KEY, readUpscaler } from '../layouts/upscaler-file';
import { byKey, has, hasNo, keysOf, type Part, unusable } from './part';

/** What makes a finished picture larger: ESRGAN and its kin. */
export const upscaler: Part = {
  kind: 'upscaler',
  what: said`an upscaler (ESRGAN)`,
  recognise(file) {
    const keys = keysOf(file);
    if (keys.some((key) => RRDB_KEY.test(key))) return byKey(file, (key) => RRDB_KEY.test(key), said`dense block`);
    const isCompact = keys.length > 0 && keys.every((key) => COMPACT_KEY.test(key));
    return isCompact ? has(keys[0]) : hasNo(said`dense blocks of ESRGAN, nor a list of layers of its compact form`);
  },
  report(file) {
    readUpscaler(file);
    return { kind: 'upscaler' };
  },
};

/** Upscalers of other kinds. */
export const otherUpscaler = unusable('upscaler', [
  { what: said`an upscaler (SwinIR or like it)`, key: /^(?:params(?:_ema)?\.)?conv_after_body\./ },
]);
