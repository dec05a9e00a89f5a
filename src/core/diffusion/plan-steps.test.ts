import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NoiseScheduleConfig, trainedSigmas } from './noise-schedules';
import { type PlanRequest, planFor, planSteps, resolveSchedule, type SamplerTraits } from './plan-steps';
import { tableLevels } from './process/discrete';
import { flow } from './process/flow';
import { SAMPLERS, type SamplerId, samplerEntry } from './samplers/index';
import { type LevelScheduleId, noiseLevels, STEP_SCHEDULES, type StepScheduleId } from './step-schedules/index';

const SD: NoiseScheduleConfig = {
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  beta_end: 0.012,
  num_train_timesteps: 1000,
};
const SD_TABLE = trainedSigmas(SD);

/** Tables of other kinds: the one of the first diffusion models, cosine, zero terminal SNR, few timesteps. */
const TABLES = {
  'Stable Diffusion': SD_TABLE,
  linear: trainedSigmas({ ...SD, beta_schedule: 'linear', beta_start: 0.0001, beta_end: 0.02 }),
  cosine: trainedSigmas({ ...SD, beta_schedule: 'squaredcos_cap_v2' }),
  'zero terminal SNR': trainedSigmas({ ...SD, rescale_betas_zero_snr: true }),
  '250 timesteps': trainedSigmas({ ...SD, num_train_timesteps: 250 }),
};

/** Some table for Align Your Steps: Stable Diffusion 1.5's. */
const TRAITS = { align_your_steps: [14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029] };

const SAMPLER_IDS = Object.keys(SAMPLERS) as SamplerId[];
/** Samplers that take any schedule as it is; the others have tests of their own below. */
const PLAIN_IDS = SAMPLER_IDS.filter((id) => {
  const { ends, uniformList, spacingStyle } = samplerEntry(id);
  return !ends && !uniformList && spacingStyle !== 'lcm';
});
const SCHEDULE_IDS = Object.keys(STEP_SCHEDULES) as StepScheduleId[];
const plan = (request: Partial<PlanRequest>) =>
  planSteps({
    sampler: 'euler',
    schedule: 'automatic',
    steps: 20,
    levels: tableLevels(SD_TABLE),
    config: TRAITS,
    ...request,
  });

function expectDescending(values: readonly number[]) {
  const wrong = values.findIndex((value, i) => i > 0 && !(value < values[i - 1]));
  expect(wrong, `entry ${wrong} of ${values.join(' ')}`).toBe(-1);
}

describe.each(Object.entries(TABLES))('every schedule on the table "%s"', (_, table) => {
  it.each(SCHEDULE_IDS)('%s: finite, strictly descending, to where the method ends', (schedule) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 150 }),
        fc.constantFrom(...PLAIN_IDS, 'ddim' as const),
        (steps, sampler) => {
          if (sampler === 'ddim' && schedule === 'uniform') return; // A1111's list, below
          const { sigmas, timesteps, targets } = plan({ sampler, schedule, steps, levels: tableLevels(table) });
          expect(sigmas.every(Number.isFinite)).toBe(true);
          expectDescending(sigmas);
          const resolved = resolveSchedule(sampler, schedule, {});
          const end = sigmas.at(-1);
          if (resolved === 'kl_optimal' || resolved === 'consistency') expect(end).toBeCloseTo(table.sigmas[0], 12);
          // diffusers' DDIM takes strides of T // n, which end at timestep 0 where trailing's steps are a little
          // longer.
          else if (resolved === 'trailing' && targets) expect([0, table.sigmas[0]]).toContain(end);
          else expect(end).toBe(0);
          if (resolved === 'ddim_uniform') expect(sigmas.length).toBeGreaterThan(steps);
          else if (resolved === 'beta_timesteps') expect(sigmas.length).toBeLessThanOrEqual(steps + 1);
          else expect(sigmas).toHaveLength(steps + 1);
          for (const list of [timesteps, targets]) if (list) expect(list).toHaveLength(sigmas.length - 1);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe.each(Object.entries(TABLES))('samplers with lists of their own on the table "%s"', (_, table) => {
  it.each(SAMPLER_IDS.filter((id) => samplerEntry(id).ends))(
    '%s: from the largest sigma to where it stops',
    (sampler) => {
      for (const steps of [1, 2, 7, 150, 1000]) {
        const { sigmas } = plan({ sampler, steps, levels: tableLevels(table) });
        expectDescending(sigmas);
        expect(sigmas[0] / (table.sigmas.at(-1) as number)).toBeCloseTo(1, 10);
        const above = sigmas.filter((sigma) => sigma > 0);
        if (above.length > 1) expect((above.at(-1) as number) / table.sigmas[0]).toBeCloseTo(1, 10);
        expect(sigmas.at(-1) === 0).toBe(samplerEntry(sampler).ends?.at === 'zero');
      }
    },
  );
  it('LCM: distilled timesteps, and no more of them than there are', () => {
    for (const steps of [1, 4, 8, 50]) {
      const { sigmas, timesteps } = plan({ sampler: 'lcm', steps, levels: tableLevels(table) });
      expectDescending(sigmas);
      expect(timesteps).toHaveLength(steps);
    }
    expect(() => plan({ sampler: 'lcm', steps: 51, levels: tableLevels(table) })).toThrow(/at most 50/);
  });
  it.each(['ddim', 'plms', 'unipc'] as const)('%s: "Uniform" is A1111’s own list, which stops above 0', (sampler) => {
    const { sigmas, timesteps } = plan({ sampler, schedule: 'uniform', steps: 20, levels: tableLevels(table) });
    expectDescending(sigmas);
    expect(sigmas.at(-1)).toBeGreaterThan(0);
    expect(timesteps).toHaveLength(sigmas.length - 1);
  });
});

it.each(['ddpm', 'ddim'] as const)('%s in as many steps as the table has takes each level once', (sampler) => {
  const { timesteps } = plan({ sampler, steps: 1000, config: {} });
  expect(timesteps).toEqual(Array.from({ length: 1000 }, (_, i) => 999 - i));
});

describe('"Automatic"', () => {
  it('is Karras for DPM++ 2M, uniform for Euler, the model’s spacing for DDIM', () => {
    const config = { timestep_spacing: 'trailing' } as const;
    expect(resolveSchedule('dpmpp_2m', 'automatic', config)).toBe('karras');
    expect(resolveSchedule('euler', 'automatic', config)).toBe('uniform');
    expect(resolveSchedule('ddim', 'automatic', config)).toBe('trailing');
    expect(resolveSchedule('ddim', 'automatic', {})).toBe('leading');
    expect(plan({ sampler: 'dpmpp_2m' })).toEqual(plan({ sampler: 'dpmpp_2m', schedule: 'karras' }));
  });
  it('gives way to what was chosen', () => {
    for (const schedule of SCHEDULE_IDS.filter((id) => id !== 'automatic'))
      expect(resolveSchedule('dpmpp_2m', schedule, {})).toBe(schedule);
  });
});

describe('options', () => {
  const ranged = SCHEDULE_IDS.filter((id) => 'sigmaMin' in STEP_SCHEDULES[id].options) as LevelScheduleId[];
  it.each(ranged)('%s keeps to the noise levels that are asked for', (schedule) => {
    const { sigmas } = plan({ schedule, sigmaMin: 0.1, sigmaMax: 8 });
    expect(sigmas[0]).toBeCloseTo(8, 10);
    expect(Math.min(...sigmas.filter((sigma) => sigma > 0))).toBeGreaterThanOrEqual(0.1 - 1e-12);
    expectDescending(sigmas);
  });

  it.each(SCHEDULE_IDS)('%s changes with the options that it lists, and with no others', (schedule) => {
    const usual = plan({ schedule });
    const others = { sigmaMin: 0.5, sigmaMax: 9, rho: 2, alpha: 0.9, beta: 1.5 };
    for (const [name, value] of Object.entries(others)) {
      const changed = plan({ schedule, [name]: value });
      if (name in STEP_SCHEDULES[schedule].options) expect(changed, name).not.toEqual(usual);
      else expect(changed, name).toEqual(usual);
    }
  });

  it('lists the defaults that the formulas have', () => {
    for (const schedule of SCHEDULE_IDS) {
      const defaults = Object.entries(STEP_SCHEDULES[schedule].options).filter(([, value]) => value !== 'model');
      expect(plan({ schedule, ...Object.fromEntries(defaults) })).toEqual(plan({ schedule }));
    }
  });

  it('discards the penultimate sigma of a list for one step more', () => {
    const longer = plan({ schedule: 'karras', steps: 21 }).sigmas;
    const { sigmas } = plan({ schedule: 'karras', discardPenultimate: true });
    expect(sigmas).toEqual([...longer.slice(0, 20), 0]);
  });

  it('takes the Align Your Steps table that is handed in with the model, and no other', () => {
    const config = { align_your_steps: [9, 5, 1] };
    expect(plan({ schedule: 'align_your_steps', steps: 3, config }).sigmas).toEqual([9, 5, 1, 0]);
    expect(() => plan({ schedule: 'align_your_steps', config: {} })).toThrow(
      /No Align Your Steps levels were published/,
    );
  });

  it('names whole timesteps on demand', () => {
    const { timesteps } = plan({ schedule: 'karras', quantise: true });
    expect(timesteps).toHaveLength(20);
    expect(timesteps?.every(Number.isInteger)).toBe(true);
    expect(timesteps?.[0]).toBe(999);
    expect(timesteps?.at(-1)).toBe(0);
  });
});

describe('what a sampler asks for', () => {
  const traits: SamplerTraits = { label: 'Some', automaticSchedule: 'uniform', spacingStyle: 'euler' };
  const asks = (more: Partial<SamplerTraits>, request: Partial<PlanRequest> = {}) =>
    planFor(
      { ...traits, ...more },
      { schedule: 'automatic', steps: 20, levels: tableLevels(SD_TABLE), config: TRAITS, ...request },
    );

  it('any schedule may be its automatic one', () => {
    expect(asks({ automaticSchedule: 'exponential' })).toEqual(asks({}, { schedule: 'exponential' }));
  });
  it('discards the penultimate sigma by default, but not from timestep spacings', () => {
    expect(asks({ discardPenultimate: true })).toEqual(asks({}, { discardPenultimate: true }));
    expect(asks({ discardPenultimate: true }, { discardPenultimate: false })).toEqual(asks({}));
    expect(asks({ discardPenultimate: true }, { schedule: 'trailing' })).toEqual(asks({}, { schedule: 'trailing' }));
  });
  it('DDPM steps from each timestep to the next, then to clean', () => {
    const { sigmas, timesteps, targets } = asks({ spacingStyle: 'ddpm' }, { schedule: 'leading' });
    expect(timesteps?.slice(0, 2)).toEqual([950, 900]);
    expect(sigmas).toEqual([...(timesteps ?? []).map((t) => SD_TABLE.sigmas[t]), 0]);
    expect(targets).toBeUndefined();
  });
  it('LCM keeps to its distilled timesteps, whatever the schedule', () => {
    for (const schedule of SCHEDULE_IDS) {
      const { sigmas, timesteps } = asks({ spacingStyle: 'lcm' }, { schedule, steps: 8 });
      expect(timesteps).toHaveLength(sigmas.length - 1);
      expect(timesteps?.every((t) => t % 20 === 19)).toBe(true);
    }
    expect(asks({ spacingStyle: 'lcm' }, { schedule: 'leading', steps: 4 }).timesteps).toEqual([999, 759, 499, 259]);
    expect(asks({ spacingStyle: 'lcm' }, { steps: 4 }).timesteps).toEqual([999, 679, 339, 19]);
    expect(() => asks({ spacingStyle: 'lcm' }, { schedule: 'trailing', steps: 51 })).toThrow(/at most 50/);
    const config = { original_inference_steps: 100 };
    expect(asks({ spacingStyle: 'lcm' }, { schedule: 'trailing', steps: 51, config }).timesteps?.[50]).toBe(19);
  });
  it('A1111’s DDIM and PLMS take one step fewer than timesteps, and stop at timestep 1', () => {
    const { sigmas, timesteps } = asks({ uniformList: 'timesteps' });
    expect(timesteps).toHaveLength(19);
    expect([timesteps?.[0], timesteps?.[18]]).toEqual([951, 51]);
    expect(sigmas.at(-1)).toBe(SD_TABLE.sigmas[1]);
    expect(() => asks({ uniformList: 'timesteps' }, { steps: 1 })).toThrow(/at least 2/);
  });
  it('A1111’s UniPC runs in continuous time to the model’s first noise level', () => {
    const { sigmas, timesteps } = asks({ uniformList: 'continuous-time' }, { steps: 10 });
    expect(sigmas).toHaveLength(11);
    expect(timesteps?.[1]).toBeCloseTo(899.1, 9);
    expect(sigmas.at(-1)).toBeCloseTo(SD_TABLE.sigmas[0], 12);
    expectDescending(sigmas);
  });
  it('those that place their own noise levels get the ends, whatever the schedule', () => {
    const range = { sigmaMin: 0.2, sigmaMax: 5 };
    for (const schedule of ['automatic', 'simple', 'trailing'] as const) {
      const smallest = asks({ ends: { at: 'smallest', adaptive: false } }, { schedule, steps: 7, ...range }).sigmas;
      expect(smallest).toHaveLength(8);
      expect([smallest[0], smallest[7]]).toEqual([expect.closeTo(5, 12), expect.closeTo(0.2, 12)]);
      const clean = asks({ ends: { at: 'zero', adaptive: true } }, { schedule, steps: 1 }).sigmas;
      expect(clean).toEqual([expect.closeTo(SD_TABLE.sigmas[999], 10), 0]);
    }
  });
  it('refuses fewer steps than it works with', () => {
    expect(() => asks({ minSteps: 2 }, { steps: 1 })).toThrow('Steps must be at least 2 with the sampler Some.');
  });
});

describe('VP', () => {
  it('begins and ends at the model’s own noise levels', () => {
    for (const table of Object.values(TABLES)) {
      const levels = noiseLevels('vp', 30, tableLevels(table));
      expect(levels[0] / table.sigmas[table.sigmas.length - 1]).toBeCloseTo(1, 9);
      expect(levels[29] / table.sigmas[0]).toBeCloseTo(1, 9);
    }
  });
});

describe('a model without a table of trained timesteps', () => {
  const onFlow = (request: Partial<PlanRequest>) => plan({ levels: flow({ shift: 3 }), steps: 8, ...request });
  const PICKING: StepScheduleId[] = [
    'simple',
    'ddim_uniform',
    'beta_timesteps',
    'vp',
    'leading',
    'trailing',
    'linspace',
  ];

  it.each(SCHEDULE_IDS)('%s: descends, or says what it lacks', (schedule) => {
    if (!PICKING.includes(schedule)) return expectDescending(onFlow({ schedule }).sigmas);
    const { label } = STEP_SCHEDULES[schedule];
    expect(() => onFlow({ schedule })).toThrow(`${label} picks from a table of trained timesteps`);
  });
  it('A1111’s samplers with lists of their own take even steps; LCM says what it lacks', () => {
    for (const sampler of ['ddim', 'plms', 'unipc'] as const)
      expect(onFlow({ sampler, schedule: 'uniform' })).toEqual(onFlow({ schedule: 'uniform' }));
    for (const schedule of ['uniform', 'karras', 'trailing'] as const)
      expect(() => onFlow({ sampler: 'lcm', schedule })).toThrow(/picks from a table of trained timesteps/);
  });
  it('whole timesteps are not asked of it', () => {
    expect(onFlow({ schedule: 'karras', quantise: true }).timesteps).toBeUndefined();
  });
});

describe('what cannot be planned', () => {
  const refused = (request: Partial<PlanRequest>, message: RegExp) =>
    expect(() => plan(request)).toThrow(
      expect.objectContaining({ code: 'bad-request', message: expect.stringMatching(message) }),
    );
  const tiny = tableLevels(trainedSigmas({ ...SD, num_train_timesteps: 10 }));

  it('more steps than trained timesteps, where those are picked', () => {
    for (const schedule of ['leading', 'trailing', 'linspace', 'simple', 'ddim_uniform'] as const)
      refused({ sampler: 'ddim', schedule, steps: 11, levels: tiny }, /at most 10 with the schedule .*10 timesteps/);
    refused({ sampler: 'dpmpp_2m', schedule: 'linspace', steps: 10, levels: tiny }, /at most 9/);
    expect(plan({ schedule: 'karras', steps: 40, levels: tiny }).sigmas).toHaveLength(41);
  });
  it('fewer steps than a schedule can do', () => {
    for (const schedule of ['align_your_steps', 'ddim_uniform'] as const)
      refused({ schedule, steps: 1 }, /at least 2 with the schedule/);
  });
  it('no number of steps at all', () => {
    for (const steps of [0, -3, 2.5, Number.NaN]) refused({ steps }, /whole number of at least 1/);
  });
  it('options out of range', () => {
    for (const [schedule, name] of [
      ...(['sigmaMin', 'sigmaMax', 'rho'] as const).map((option) => ['karras', option] as const),
      ...(['alpha', 'beta'] as const).map((option) => ['beta', option] as const),
    ])
      for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
        refused({ schedule, [name]: value }, /must be a number above 0/);
    refused({ schedule: 'karras', sigmaMin: 3, sigmaMax: 2 }, /min sigma \(3\.000\) must be below .*\(2\.000\)/);
    refused({ schedule: 'karras', sigmaMin: 20 }, /must be below/);
  });
  it('noise levels that fall together', () => {
    refused({ schedule: 'beta', steps: 100, alpha: 0.001, beta: 0.001 }, /cannot give 100 different noise levels/);
    refused(
      { sampler: 'ddim', schedule: 'leading', steps: 10, levels: tiny, config: { steps_offset: 1 } },
      /cannot give 10/,
    );
  });
  it('one step works wherever it makes sense', () => {
    for (const schedule of SCHEDULE_IDS.filter((id) => STEP_SCHEDULES[id].minSteps === 1))
      expect(plan({ schedule, steps: 1 }).sigmas, schedule).toHaveLength(2);
  });
  it('a model of one timestep takes one step', () => {
    const table = trainedSigmas({ ...SD, num_train_timesteps: 1 });
    for (const schedule of ['karras', 'uniform', 'vp', 'simple', 'trailing', 'beta'] as const)
      expect(plan({ schedule, steps: 1, levels: tableLevels(table) }).sigmas, schedule).toEqual([
        expect.closeTo(table.sigmas[0], 12),
        0,
      ]);
  });
});
