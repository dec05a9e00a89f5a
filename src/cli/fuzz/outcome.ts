import { EaselError, type ErrorCode } from '../../core/errors';

/**
 * What became of an input: read, or refused with a code.
 * @throws whatever else was thrown, or an EaselError that blames Easel itself or says nothing.
 */
export async function outcomeOf<T>(read: (input: T) => unknown, input: T): Promise<'read' | ErrorCode> {
  try {
    await read(input);
    return 'read';
  } catch (error) {
    if (!(error instanceof EaselError) || error.code === 'internal' || error.message === '') throw error;
    return error.code;
  }
}
