/** One of several prompts painted at once, and how much it counts. */
export interface WeightedPrompt {
  text: string;
  weight: number;
}

/**
 * Splits a prompt at the word AND, in capitals, into prompts that guide together (A1111's composable diffusion); `a cat :1.2 AND
 * snow :-0.5` weighs them. Without AND a trailing `:1.2` is text.
 */
export function splitPrompts(prompt: string): WeightedPrompt[] {
  const parts = prompt.split(/\bAND\b/);
  if (parts.length === 1) return [{ text: prompt, weight: 1 }];
  return parts.map((part) => {
    const [, text, weight] = /^(.*?)(?:\s*:\s*([-+]?(?:\d+\.?\d*|\.\d+)))?\s*$/s.exec(part) ?? ['', part];
    return { text: text.trim(), weight: weight === undefined ? 1 : Number(weight) };
  });
}
