/**
 * The closed set of error codes that every layer throws and the page switches on.
 * A message says what went wrong and what to do about it; it names the field, file, key or tensor.
 */
export const ERROR_CODES = [
  'no-webgpu',
  'device-lost',
  'out-of-memory',
  'quota',
  'no-storage',
  'offline',
  'corrupt',
  'unsupported',
  'aborted',
  /** The engine itself is gone, with whatever it had open. */
  'engine-stopped',
  'bad-request',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export class EaselError extends Error {
  override readonly name = 'EaselError';
  /** What a report needs and a person does not, such as a tensor's name. */
  readonly details: string | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    { details, ...options }: ErrorOptions & { details?: string } = {},
  ) {
    super(message, options);
    this.details = details;
  }
}

/** Any thrown value as an EaselError; what is not one already becomes `internal`, its message kept. */
export function toEaselError(thrown: unknown): EaselError {
  if (thrown instanceof EaselError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new EaselError('internal', message, { cause: thrown });
}
