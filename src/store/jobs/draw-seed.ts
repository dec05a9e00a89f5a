/** A seed nobody can guess, from the browser's own randomness. */
export function drawSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}
