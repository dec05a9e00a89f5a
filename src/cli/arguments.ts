import { type ParseArgsConfig, parseArgs } from 'node:util';
import { EaselError, said } from '../core/errors';

/** `--seed -1` as `--seed=-1`, which Node would take for an option called 1. */
function join(args: readonly string[]): string[] {
  const out: string[] = [];
  for (const arg of args) {
    const last = out[out.length - 1];
    if (/^-[\d.]/.test(arg) && last?.startsWith('--') && !last.includes('=')) out[out.length - 1] = `${last}=${arg}`;
    else out.push(arg);
  }
  return out;
}

/**
 * What a command was called with, as Node's `parseArgs` reads it; a value may be a negative number.
 * @throws EaselError `bad-request` for an option that the command does not have, or one without its value.
 */
export function argumentsOf<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    const whole: T = { ...config, args: join(config.args ?? process.argv.slice(2)) };
    return parseArgs(whole);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (!code.startsWith('ERR_PARSE_ARGS')) throw error;
    throw new EaselError('bad-request', said`${message.split('. To specify')[0]}`);
  }
}
