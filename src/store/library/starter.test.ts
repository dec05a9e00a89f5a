import { existsSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { useEngine } from '../engine';
import { usePreferences } from '../settings/preferences';
import { adoptModel, changeSettings, currentRequest, resetSettings, useSettings } from '../settings/settings';
import { expectStarter, expectsCpu, isStarter, knownInfo, STARTER_ID, STARTER_SHEETS } from './starter';

const ROOT = new URL('../../../', import.meta.url);
const asked = () => currentRequest(useSettings.getState());
const START = useEngine.getInitialState();

beforeEach(() => {
  resetSettings();
  usePreferences.setState({ device: 'auto' });
});

describe('what the page knows of the starter before it is fetched', () => {
  it('lists the things that its classifier tells apart, and pictures that are there', () => {
    const names = JSON.parse(readFileSync(new URL('models/starter/guidance/names.json', ROOT), 'utf8'));
    expect(knownInfo(START)?.paints?.things.map(({ name }) => name)).toEqual(names);
    for (const { path } of Object.values(STARTER_SHEETS)) expect(existsSync(new URL(path, ROOT))).toBe(true);
  });

  it('stands while it is on its way, and gives way to another model', () => {
    const model = { id: 'other', info: { name: 'Other' } } as never;
    expect(knownInfo({ ...START, model })).toEqual({ name: 'Other' });
    expect(isStarter({ model })).toBe(false);
    const loading = (id: string) => ({ kind: 'loading', loading: { id } }) as never;
    expect(knownInfo({ ...START, status: loading(STARTER_ID) })?.name).toBe('Easel Starter');
    expect(knownInfo({ ...START, status: loading('other') })).toBeUndefined();
    expect(knownInfo({ ...START, status: { kind: 'empty' } })).toBeUndefined();
  });
});

describe('a form that nobody has set', () => {
  it('begins as the starter’s, on the CPU with few steps, and is the same when it is there', () => {
    expectStarter(true);
    const few = asked();
    expect(few).toMatchObject({ sampler: 'ddim', steps: 8, cfgScale: 1, width: 256, fast: true });
    adoptModel('Easel Starter', knownInfo(START)?.defaults ?? {});
    expect(asked()).toEqual(few);
    resetSettings();
    expectStarter(false);
    expect(asked()).toMatchObject({ steps: 20, cfgScale: 5 });
    expect(asked().fast).toBeUndefined();
  });

  it('is left alone where an earlier visit left it', () => {
    adoptModel('Easel Starter', { steps: 20 });
    changeSettings({ steps: 33 });
    const before = asked();
    expectStarter(true);
    expect(asked()).toEqual(before);
  });
});

describe('whether models will run on the CPU', () => {
  const gpu = (adapter: object | null) => ({ requestAdapter: async () => adapter });

  it('is what the person wants, else whether there is a real card', async () => {
    expect(await expectsCpu(gpu(null))).toBe(true);
    expect(await expectsCpu(gpu({ info: { isFallbackAdapter: true } }))).toBe(true);
    expect(await expectsCpu(gpu({ info: { isFallbackAdapter: false } }))).toBe(false);
    usePreferences.setState({ device: 'wasm' });
    expect(await expectsCpu(gpu({}))).toBe(true);
    usePreferences.setState({ device: 'webgpu' });
    expect(await expectsCpu(gpu(null))).toBe(false);
  });

  it('is not waited for', async () => {
    expect(await expectsCpu({ requestAdapter: () => new Promise(() => undefined) })).toBe(true);
    expect(await expectsCpu({ requestAdapter: () => Promise.reject(new Error('lost')) })).toBe(true);
  });
});
