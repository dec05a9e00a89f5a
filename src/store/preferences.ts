import { create } from 'zustand';
import type { DevicePreference } from '../engine/protocol';
import { type KeyValueStorage, readSlot, type Slot, writeSlot } from './persisted';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const DEVICE_PREFERENCES = ['auto', 'webgpu', 'wasm'] as const satisfies readonly DevicePreference[];

/** Kinds of latents, each with preview decoders of its own. */
export const LATENT_SPACES = ['sd', 'sdxl'] as const;
export type LatentSpace = (typeof LATENT_SPACES)[number];

/** How the page is set up, apart from what it paints. */
export interface Preferences {
  theme: Theme;
  device: DevicePreference;
  /** Whether the strip of results is open. */
  resultsOpen: boolean;
  /** Whether the negative prompt is unfolded even while it is empty. */
  negativeOpen: boolean;
  /** Whether the canvas's frame says at what size it is painted; else the form's width and height do. */
  sizeFollowsFrame: boolean;
  /** Ids of the tiny autoencoders that decode live previews; the quick estimate does where there is none. */
  previewDecoders: Readonly<Partial<Record<LatentSpace, string>>>;
}

const INITIAL: Preferences = {
  theme: 'system',
  device: 'auto',
  resultsOpen: true,
  negativeOpen: false,
  sizeFollowsFrame: true,
  previewDecoders: {},
};

export const usePreferences = create<Preferences>(() => INITIAL);

/** index.html reads the theme from this slot before the first paint; change both together. */
export const PREFERENCES_SLOT: Slot<Preferences> = {
  key: 'easel.preferences',
  v: 1,
  migrations: {},
  parse(value) {
    const raw = value as Partial<Preferences>;
    return {
      theme: THEMES.find((theme) => theme === raw.theme) ?? INITIAL.theme,
      device: DEVICE_PREFERENCES.find((device) => device === raw.device) ?? INITIAL.device,
      resultsOpen: raw.resultsOpen ?? INITIAL.resultsOpen,
      negativeOpen: raw.negativeOpen ?? INITIAL.negativeOpen,
      previewDecoders: parseDecoders(raw.previewDecoders),
      sizeFollowsFrame: raw.sizeFollowsFrame ?? INITIAL.sizeFollowsFrame,
    };
  },
};

function parseDecoders(value: unknown): Preferences['previewDecoders'] {
  const raw = (value ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    LATENT_SPACES.filter((space) => typeof raw[space] === 'string').map((space) => [space, raw[space]]),
  );
}

/** Takes up the preferences of earlier visits and keeps them from now on. */
export function keepPreferences(storage: KeyValueStorage): () => void {
  usePreferences.setState(readSlot(PREFERENCES_SLOT, storage) ?? {});
  return usePreferences.subscribe((state) => writeSlot(PREFERENCES_SLOT, state, storage));
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
