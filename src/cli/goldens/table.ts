import { SAMPLERS, type SamplerId, samplerEntry } from '../../core/diffusion/samplers/index';
import { checkFile } from './check';
import { type GoldenFile, TRAJECTORY_TOLERANCE } from './golden';

/** The golden files of each sampler. What the table says of a sampler without one stands in samplers.test.ts. */
const FILES: Readonly<Record<SamplerId, readonly string[]>> = {
  euler: ['euler', 'euler_discrete'],
  euler_a: ['euler_ancestral'],
  heun: ['heun'],
  lms: ['lms'],
  dpm2: ['dpm_2'],
  dpm2_a: ['dpm_2_ancestral'],
  dpm_fast: ['dpm_fast'],
  dpm_adaptive: ['dpm_adaptive'],
  dpmpp_2s_a: ['dpmpp_2s_ancestral'],
  dpmpp_2m: ['dpmpp_2m'],
  dpmpp_sde: ['dpmpp_sde'],
  dpmpp_2m_sde: ['dpmpp_2m_sde'],
  dpmpp_2m_sde_heun: ['dpmpp_2m_sde'],
  dpmpp_3m_sde: ['dpmpp_3m_sde'],
  ddpm: ['ddpm'],
  ddim: ['ddim'],
  plms: ['plms'],
  unipc: ['unipc'],
  lcm: ['lcm'],
  consistency: [],
  restart: ['restart'],
  ddim_cfgpp: [],
  euler_maruyama: ['sde_em'],
  predictor_corrector: [],
  langevin: [],
  rk45: [],
};

/** Whose recorded numbers, by the `impl` of a case. */
const SOURCES = { 'k-diffusion': ['k-diffusion'], diffusers: ['diffusers'], A1111: ['a1111', 'a1111-extra'], 'the paper': ['compvis', 'independent'] }; // biome-ignore format: a table

/** What holds where no reference recorded a trajectory, or beyond it. */
const BEYOND: Readonly<Partial<Record<SamplerId, string>>> = {
  dpmpp_2m_sde: 'midpoint and Heun counted together',
  dpmpp_2m_sde_heun: 'midpoint and Heun counted together',
  ddim_cfgpp: 'without guidance it is DDIM; renoises with the unconditional prediction',
  consistency: 'states that diffusers recorded with a consistency model (`npm run parity`)',
  predictor_corrector: 'moments on a mixture',
  langevin: 'moments on a mixture',
  rk45: 'exact on Gaussian data to its tolerance',
  euler_maruyama: 'moments on a mixture; the paper’s time grids, as functions of their own',
};

/** Each sampler against each reference, as a Markdown table: how many recorded trajectories are met, to 1e-8. */
export async function samplerTable(read: (name: string) => GoldenFile): Promise<string> {
  const rows = [
    `| sampler | ${Object.keys(SOURCES).join(' | ')} | and |`,
    `| --- | ${Object.keys(SOURCES)
      .map(() => '---')
      .join(' | ')} | --- |`,
  ];
  for (const id of Object.keys(SAMPLERS) as SamplerId[]) {
    const passed = new Map<string, number>();
    for (const stem of FILES[id]) {
      const name = `c_sampler_${stem}.json`;
      for await (const outcome of checkFile(name, read(name)))
        if (outcome.kind === 'passed') passed.set(outcome.impl ?? '', (passed.get(outcome.impl ?? '') ?? 0) + 1);
    }
    const cells = Object.values(SOURCES).map((impls) => {
      const count = impls.reduce((sum, impl) => sum + (passed.get(impl) ?? 0), 0);
      return count === 0 ? '' : `${count} runs`;
    });
    rows.push(`| ${samplerEntry(id).label} | ${cells.join(' | ')} | ${BEYOND[id] ?? ''} |`);
  }
  return `Recorded runs that are met to ${TRAJECTORY_TOLERANCE} of the largest number, in x, the prediction and the noise level of every step.\n\n${rows.join('\n')}`;
}

const BEGIN = '<!-- sampler table: npm run goldens -- DIR --table FEATURES.md -->';
const END = '<!-- end of sampler table -->';

/** A document with the table put between its marks. */
export function withTable(document: string, table: string): string {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) throw new RangeError('The document has no place for the sampler table.');
  return `${document.slice(0, from + BEGIN.length)}\n\n${table}\n\n${document.slice(to)}`;
}
