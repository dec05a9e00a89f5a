/** The path of a local package's program. */
export function bin(name: string): string;
/** Runs a command with its output shown; returns its exit code. */
export function run(command: string, args: readonly string[], options?: object): number;
/** Installs packages when they are missing or are not those of package-lock.json. */
export function ensurePackages(): void;
/** A Chromium on this machine, or undefined. */
export function findChromium(): string | undefined;
/** Chromium's headless shell on this machine, or undefined. */
export function findHeadlessShell(): string | undefined;
/** Installs a Chromium, and its headless shell, where there is none. */
export function ensureChromium(): void;
export const ROOT: string;
/** Flags for a Chromium that is driven by a program: no network use of its own. */
export const QUIET_CHROMIUM: readonly string[];
/** Flags for WebGPU computed by the CPU. */
export const SOFTWARE_WEBGPU: readonly string[];
/** Whether this machine may have a graphics card; false where Linux lists none. */
export function mayHaveCard(): boolean;
/** Flags for WebGPU on the machine's own card. */
export const HARDWARE_WEBGPU: readonly string[];
