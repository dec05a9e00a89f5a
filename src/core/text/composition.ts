/** One of several prompts painted at once, and how much it counts. */
export interface WeightedPrompt {
  text: string;
  weight: number;
}

const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)$/;

/**
 * Splits a prompt at the word AND, in capitals, into prompts that guide together (A1111's composable diffusion); `a cat
 * :1.2 AND snow :-0.5` weighs them. Without AND a trailing `:1.2` is text.
 */
export function splitPrompts(prompt: string): WeightedPrompt[] {
  const parts = prompt.split(/\bAND\b/);
  if (parts.length === 1) return [{ text: prompt, weight: 1 }];
  return parts.map((part) => {
    const colon = part.lastIndexOf(':');
    const weight = part.slice(colon + 1).trim();
    if (colon < 0 || !NUMBER.test(weight)) return { text: part.trim(), weight: 1 };
    return { text: part.slice(0, colon).trim(), weight: Number(weight) };
  });
}
