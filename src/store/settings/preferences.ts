import * as v from 'valibot';
import { create } from 'zustand';
import type { MaskLook } from '../../editor/render/compose';
import type { DevicePreference } from '../../engine/protocol';
import { texts } from '../../texts/store';
import { fieldsOf, type KeyValueStorage, mergedFields, persistSlot, type Slot } from '../persistence/persisted';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const DEVICE_PREFERENCES = ['auto', 'webgpu', 'wasm'] as const satisfies readonly DevicePreference[];

const MASK_LOOKS = ['hatch', 'tint'] as const satisfies readonly MaskLook[];

const PERSISTENCE = ['not-asked', 'granted', 'refused'] as const;
type Persistence = (typeof PERSISTENCE)[number];

/** How the page is set up, apart from what it paints. */
export interface Preferences {
  theme: Theme;
  device: DevicePreference;
  /** Whether graphics cards run onnxruntime's kernels throughout, Easel's own nowhere. */
  onnxruntimeKernels: boolean;
  /** Whether the strip of results is open. */
  resultsOpen: boolean;
  /** Whether the negative prompt is unfolded even while it is empty. */
  negativeOpen: boolean;
  /** Whether the canvas's frame says at what size it is painted; else the form's width and height do. */
  sizeFollowsFrame: boolean;
  /**
   * Ids of the tiny autoencoders that decode live previews, by the kind of latents; the quick estimate does where there
   * is none.
   */
  previewDecoders: Readonly<Partial<Record<string, string>>>;
  /** What results are upscaled with: a filter's id, or of a network's record in the library. */
  upscaler?: string;
  /** How the canvas shows the mask: "#rrggbb", and throughout or in stripes. */
  maskColour: string;
  maskLook: MaskLook;
  /** The offer of a first model for photographs: put away, or the download that came of it. */
  firstModel: { dismissed: boolean; download?: string };
  /** As what a picture is saved where it is not as PNG, and how well: of 1 to 100. */
  exportFormat: 'jpeg' | 'webp';
  exportQuality: number;
  /** How the files of results are named, where many are saved (see gallery/name-pattern.ts), and in which format. */
  namePattern: string;
  saveFormat: 'png' | 'jpeg' | 'webp';
  /** What the browser answered when it was asked not to clear what is kept here (see persistence.ts). */
  persistence: Persistence;
}

const INITIAL: Preferences = {
  theme: 'system',
  device: 'auto',
  onnxruntimeKernels: false,
  resultsOpen: true,
  negativeOpen: false,
  sizeFollowsFrame: true,
  previewDecoders: {},
  maskColour: '#ff4040',
  maskLook: 'hatch',
  firstModel: { dismissed: false },
  exportFormat: 'jpeg',
  exportQuality: 90,
  namePattern: '[date]-[seed]-[prompt]',
  saveFormat: 'png',
  persistence: 'not-asked',
};

export const usePreferences = create<Preferences>(() => INITIAL);

/** A value that cannot stand takes its default. */
const SCHEMA = v.object({
  theme: v.fallback(v.picklist(THEMES), INITIAL.theme),
  device: v.fallback(v.picklist(DEVICE_PREFERENCES), INITIAL.device),
  onnxruntimeKernels: v.fallback(v.boolean(), INITIAL.onnxruntimeKernels),
  resultsOpen: v.fallback(v.boolean(), INITIAL.resultsOpen),
  negativeOpen: v.fallback(v.boolean(), INITIAL.negativeOpen),
  sizeFollowsFrame: v.fallback(v.boolean(), INITIAL.sizeFollowsFrame),
  previewDecoders: v.fallback(v.record(v.string(), v.fallback(v.optional(v.string()), undefined)), {}),
  upscaler: v.fallback(v.optional(v.string()), undefined),
  maskColour: v.fallback(v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/)), INITIAL.maskColour),
  maskLook: v.fallback(v.picklist(MASK_LOOKS), INITIAL.maskLook),
  firstModel: v.fallback(v.object({ dismissed: v.boolean(), download: v.optional(v.string()) }), INITIAL.firstModel),
  exportFormat: v.fallback(v.picklist(['jpeg', 'webp']), INITIAL.exportFormat),
  exportQuality: v.fallback(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), INITIAL.exportQuality),
  namePattern: v.fallback(v.pipe(v.string(), v.maxLength(300)), INITIAL.namePattern),
  saveFormat: v.fallback(v.picklist(['png', 'jpeg', 'webp']), INITIAL.saveFormat),
  persistence: v.fallback(v.picklist(PERSISTENCE), INITIAL.persistence),
});

/** index.html reads the theme from this slot before the first paint; change both together. */
export const PREFERENCES_SLOT: Slot<Preferences> = {
  key: 'easel.preferences',
  label: texts.preferences,
  v: 1,
  migrations: {},
  parse: (value) => v.parse(SCHEMA, fieldsOf(value)),
  merge: mergedFields,
};

/** Takes up the preferences of earlier visits and keeps them from now on. */
export function persistPreferences(storage: KeyValueStorage): () => void {
  return persistSlot(PREFERENCES_SLOT, usePreferences, storage);
}

export function setTheme(theme: Theme): void {
  usePreferences.setState({ theme });
}

export function toggleResults(): void {
  usePreferences.setState(({ resultsOpen }) => ({ resultsOpen: !resultsOpen }));
}

export function unfoldNegative(negativeOpen: boolean): void {
  usePreferences.setState({ negativeOpen });
}

export function followFrame(sizeFollowsFrame: boolean): void {
  usePreferences.setState({ sizeFollowsFrame });
}
