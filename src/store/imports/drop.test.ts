import { beforeEach, expect, it } from 'vitest';
import { readParameters } from '../../core/request/parameters';
import { useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakeModel, settled } from '../fixtures/fake-engine';
import { addRecord, entryOf, useLibrary } from '../library/library';
import { holdFiles } from '../library/library-files';
import { useWildcards } from '../lists/wildcards';
import { undoNoticed, useNotices } from '../notices';
import { changeSettings, firstProblem, resetSettings, useSettings } from '../settings/settings';
import { dragResult, importFiles, isDropped, usesOf } from './drop';
import { pasteSettings, takeSettings } from './take-settings';
import { addWildcardFolder, isSettings } from './word-files';

beforeEach(() => {
  resetSettings();
  useLibrary.setState(useLibrary.getInitialState(), true);
  useNotices.setState({ notices: [] });
});

it('says what a drop could do, from what a browser tells while it hovers', () => {
  expect(usesOf([{ kind: 'file', type: 'image/png' }])).toEqual(['read-settings', 'open-picture']);
  expect(usesOf([{ kind: 'file', type: 'image/jpeg' }])).toEqual(['read-settings', 'open-picture']);
  expect(usesOf([{ kind: 'file', type: 'image/gif' }])).toEqual(['open-picture']);
  expect(usesOf([{ kind: 'file', type: '' }])).toEqual(['use-model']);
  expect(usesOf([{ kind: 'file', type: 'text/plain' }])).toEqual(['use-words']);
  expect(usesOf([{ kind: 'file', type: 'application/json' }])).toEqual(['use-words']);
  expect(usesOf([{ kind: 'file', type: 'video/mp4' }])).toEqual([]);
  expect(usesOf([{ kind: 'string', type: 'text/plain' }])).toEqual([]);
  const dragged = new Map<string, string>();
  dragResult({ setData: (type, data) => dragged.set(type, data) }, 'r1');
  // A picture in the page comes with more, such as its thumbnail's address.
  const types = ['text/uri-list', ...dragged.keys()];
  expect(usesOf(types.map((type) => ({ kind: 'string', type })))).toEqual(['read-settings', 'open-picture']);
  expect([isDropped({ types }), isDropped({ types: ['text/uri-list'] })]).toEqual([true, false]);
});

it('takes text files as wildcards, in a folder by their way in it, and as settings where they are that', async () => {
  useWildcards.setState(useWildcards.getInitialState(), true);
  const text = (name: string, lines: string) => ({ file: new File([lines], name, { type: 'text/plain' }) });
  await importFiles([text('animal.txt', 'fox\nowl'), text('place.TXT', 'Steps: 5, ago')], 'use-words');
  await addWildcardFolder([
    { path: 'wildcards/artists/dutch.txt', file: new Blob(['Vermeer']) },
    { path: 'wildcards/readme.md', file: new Blob(['x']) },
  ]);
  await addWildcardFolder([{ path: 'places/warm.txt', file: new Blob(['beach']) }]);
  expect([...useWildcards.getState().lists.keys()]).toEqual(['animal', 'artists/dutch', 'place', 'places/warm']);
  const settings = text('settings.txt', 'a fox\nSteps: 9, Sampler: Euler, Seed: 5, Size: 64x64');
  expect(await isSettings(settings.file)).toBe(true);
  expect(await isSettings(text('list.txt', 'red: 1, blue: 2, green: 3').file)).toBe(false);
});

it('finds LoRAs and the model by their hashes, and names those that are not here', async () => {
  const record = (kind: 'lora' | 'model', name: string, digit: string) =>
    addRecord({
      v: 1,
      id: `${kind}:${name}`,
      kind,
      name,
      place: { kind: 'copy' },
      bytes: 1,
      usedAt: 0,
      hash: { sha256: digit.repeat(64), bytes: 1, modifiedAt: 1 },
    });
  await record('lora', 'my ink', 'b');
  await record('model', 'dream', 'a');
  const text =
    'a fox <lora:ink_v2:0.5:1> <lora:oil:1>, BadHands\nSteps: 30, Sampler: Euler a, Seed: 5, Model hash: aaaaaaaaaa, Model: dreamy_v8, ' +
    'Lora hashes: "ink_v2: bbbbbbbbbbbb, oil: cccccccccccc", TI hashes: "BadHands: dddddddddddd, bad2: 12"';
  takeSettings(readParameters(text), 'fox.png');
  expect(useSettings.getState().values.prompt).toBe('a fox <lora:my ink:0.5:1> <lora:oil:1>, BadHands');
  const [notice] = useNotices.getState().notices;
  expect(notice.text).toBe(
    'Settings read from fox.png. Painted with dreamy_v8, which is not open: it is dream in your library.',
  );
  expect(notice.details?.lines).toEqual([
    'TI hashes: BadHands: dddddddddddd, bad2: 12',
    'LoRA oil (hash cccccccccccc): not in your library',
    'Embedding BadHands (hash dddddddddddd): not in your library',
  ]);
});

const PAINTED = 'a fox\nSteps: 30, Sampler: Euler a, Seed: 5, Model: dreamy, ';

/** A model that is open, with autoencoders in the library: by their names, and how their hashes are filled. */
async function openWithVaes(vaes: Readonly<Record<string, string>>): Promise<FakeEngine> {
  const fake = new FakeEngine();
  connectEngine(fake);
  const model = { ...fakeModel('dreamy'), id: 'model:dreamy', source: { kind: 'url', base: '' } } as const;
  const place = { kind: 'dropped' } as const;
  await addRecord({ v: 1, id: model.id, kind: 'model', name: 'dreamy', place, bytes: 1, usedAt: 0 });
  for (const [name, digit] of Object.entries(vaes)) {
    const id = `vae:${name}`;
    const hash = { sha256: digit.repeat(64), bytes: 1, modifiedAt: 1 };
    await addRecord({ v: 1, id, kind: 'vae', name, place, bytes: 1, usedAt: 0, hash });
    holdFiles(id, { kind: 'folder', name, files: [{ path: `${name}.ckpt`, file: new File(['.'], name) }] });
  }
  useEngine.setState({ ...useEngine.getInitialState(), status: { kind: 'ready' }, model }, true);
  return fake;
}

const choice = () => entryOf('model:dreamy')?.record.choices?.vae;

it('chooses the VAE of a picture by its hash or its file’s name for the model that painted it, until undo', async () => {
  const fake = await openWithVaes({ 'vae-ft-mse': 'a', Anime: 'b' });
  takeSettings(readParameters(`${PAINTED}VAE hash: bbbbbbbbbb, VAE: renamed.safetensors`), 'fox.png');
  await expect.poll(choice).toBe('vae:Anime');
  expect(fake.vaes).toEqual(['Anime.ckpt']);
  const [notice] = useNotices.getState().notices;
  expect([notice.text, notice.details?.lines]).toEqual(['Settings read from fox.png. Its VAE: Anime.', []]);
  // Once more there is nothing to choose.
  takeSettings(readParameters(`${PAINTED}VAE: anime.vae.safetensors, VAE hash: b`), 'fox.png');
  expect(useNotices.getState().notices[0].text).toBe('Settings read from fox.png.');
  pasteSettings(`${PAINTED}VAE: VAE-ft-mse.safetensors`);
  undoNoticed();
  await expect.poll(() => fake.vaes).toEqual(['Anime.ckpt', 'vae-ft-mse.ckpt', 'Anime.ckpt']);
  await expect.poll(choice).toBe('vae:Anime');
});

it('says that a VAE is not here, or of a model that is not open, and chooses none for a whole plot over VAEs', async () => {
  const fake = await openWithVaes({ Anime: 'b' });
  const linesOf = (text: string) => {
    takeSettings(readParameters(text), 'fox.png');
    return useNotices.getState().notices[0].details?.lines;
  };
  expect(linesOf(`${PAINTED}VAE hash: cccccccccc, VAE: oil.pt`)).toEqual([
    'VAE oil.pt (hash cccccccccc): not in your library',
  ]);
  expect(linesOf(`${PAINTED}VAE: oil.pt`)).toEqual(['VAE oil.pt: not in your library']);
  expect(linesOf(`${PAINTED}VAE hash: CCCCCCCCCC`)).toEqual(['VAE CCCCCCCCCC: not in your library']);
  expect(linesOf(`${PAINTED.replace('dreamy', 'other')}VAE: anime.pt`)).toEqual([
    'VAE Anime: in your library, not chosen, as the picture’s model is not open',
  ]);
  const sheet = `${PAINTED}VAE: anime.pt, Script: X/Y/Z plot, X Type: VAE, X Values: "anime.pt, None"`;
  expect(linesOf(sheet)).toEqual([]);
  await settled();
  expect([fake.vaes, choice()]).toEqual([[], undefined]);
});

it('names a hires upscaler that is not here, and keeps it in the form', () => {
  const text = 'a fox\nSteps: 30, Sampler: Euler a, Seed: 5, Hires upscale: 2, Hires upscaler: 4x-UltraSharp';
  takeSettings(readParameters(text), 'fox.png');
  expect(useSettings.getState().values.hiresUpscaler).toBe('file:4x-UltraSharp');
  expect(useNotices.getState().notices[0].details?.lines).toEqual([
    'Upscaler 4x-UltraSharp: not in your library; Lanczos stands in for it',
  ]);
});

it('fills the form from an A1111 text, names what it left, and can be undone', () => {
  changeSettings({ prompt: 'mine', steps: 11 });
  const text =
    'a fox\nNegative prompt: blurry\nSteps: 30, Sampler: Euler a, CFG scale: 6, Seed: 5, Size: 512x768, Schedule type: Turbo';
  takeSettings(readParameters(text), 'fox.png');
  expect(useSettings.getState().values).toMatchObject({
    prompt: 'a fox',
    negativePrompt: 'blurry',
    steps: 30,
    sampler: 'euler_a',
    seed: 5,
    height: 768,
  });
  const [notice] = useNotices.getState().notices;
  expect(notice.details?.lines).toEqual(['Schedule type: Turbo']);
  notice.action?.run();
  expect(useSettings.getState().values).toMatchObject({ prompt: 'mine', steps: 11 });
});

it('takes nothing that the form could not generate with, and says what was put back, and what is missing', () => {
  changeSettings({ steps: 1 });
  const text =
    'a fox <lora:moss:1>\nSteps: 20, Sampler: DPM adaptive, Schedule type: Karras, Seed: 9876543210123, Model: some';
  expect(pasteSettings(text)).toBe(true);
  const state = useSettings.getState();
  expect(firstProblem(state)).toBeUndefined();
  // 9876543210123 mod 2^32
  expect(state.values).toMatchObject({ sampler: 'dpm_adaptive', schedule: 'automatic', seed: 2413396619 });
  const [notice] = useNotices.getState().notices;
  expect(notice.text).toMatch(
    /^Settings read from the clipboard\. The seed 9876543210123 .* Painted with some, which is not open\.$/,
  );
  expect(notice.details?.lines).toEqual(['Schedule type: Karras', 'LoRA moss: not in your library']);
  notice.action?.run();
  expect(useSettings.getState().values).toMatchObject({ prompt: '', steps: 1 });
});

it('leaves what is pasted alone where it is a prompt, and refuses a graph without a sampler by name', () => {
  for (const text of ['a fox in the snow', 'Title: a, Style: b, Mood: c', '{a|b}', '{"nodes": []}', ''])
    expect(pasteSettings(text)).toBe(false);
  expect(useNotices.getState().notices).toEqual([]);
  expect(pasteSettings('{"1": {"class_type": "SaveImage", "inputs": {}}}')).toBe(true);
  expect(useNotices.getState().notices[0].text).toBe('This ComfyUI graph has no sampler that Easel knows.');
  expect(useSettings.getState().values.prompt).toBe('');
});
