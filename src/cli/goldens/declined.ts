/**
 * The cases of the golden files that ask for what Easel does not offer, by name: any other that is declined has failed.
 */
export const DECLINED: ReadonlySet<string> = new Set([
  'pid/1',
  'dpm_adaptive/sd-tight',
  'dpm_adaptive/oldrange-h0.5',
  'dpm_adaptive/sd-pid',
  'dpmpp_sde/karras-n4-r0.4',
  'euler_discrete/sd-trailing-churn-n10',
  'lcm/a1111/sd-n1',
  'lcm/a1111/sd-n2',
  'lcm/a1111/sd-n4',
  'lcm/a1111/sd-n8',
  'restart/karras-n12-custom',
  'unipc/diffusers/sd-n10-bh1-o2-karras',
  'unipc/a1111/sd-n10-vary_coeff-o3',
  'unipc/a1111/sd-n10-bh2-o3-logSNR',
  'unipc/a1111/sd-n10-bh1-o3-quadratic',
]);
