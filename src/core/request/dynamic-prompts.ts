import { resolveTemplate } from '../text/dynamic/resolve';
import { isTemplate } from '../text/dynamic/template';
import type { Wildcards } from '../text/dynamic/wildcards';
import type { FieldsThat } from './fields';
import type { GenerationRequest } from './request';

/** Where a request keeps what a prompt was chosen from, as sd-dynamic-prompts names it in a picture's text. */
const TEMPLATE_OF = {
  prompt: 'template',
  negativePrompt: 'negativeTemplate',
} as const satisfies Partial<Record<PromptName, PromptName>>;

type PromptName = FieldsThat<{ kind: 'text' }>;

/** The texts of a request that may be templates; each draws numbers of its own. */
export const TEMPLATED = ['prompt', 'negativePrompt', 'hiresPrompt', 'hiresNegativePrompt'] as const;

/**
 * What of a request paints one picture: its prompts chosen by its seed, and the templates that they were chosen from.
 * @throws EaselError `bad-request` as `resolveTemplate` does
 */
export function resolvePrompts(request: GenerationRequest, wildcards: Wildcards): GenerationRequest {
  const resolved = { ...request };
  for (const [at, name] of TEMPLATED.entries()) {
    const template = request[name];
    if (!template || !isTemplate(template)) continue;
    resolved[name] = resolveTemplate(template, request.seed, wildcards, at);
    if (name in TEMPLATE_OF) resolved[TEMPLATE_OF[name as keyof typeof TEMPLATE_OF]] = template;
  }
  return resolved;
}

/** Settings for a form, which holds no templates beside its prompts. */
export function withoutTemplates(settings: Partial<GenerationRequest>): Partial<GenerationRequest> {
  const { template: _, negativeTemplate: __, ...others } = settings;
  return others;
}

/** The prompts that a picture's were chosen from, where they were chosen; the others as they are. */
export function templatesIn(settings: Partial<GenerationRequest>): Partial<GenerationRequest> | undefined {
  const { template, negativeTemplate } = settings;
  if (!template && !negativeTemplate) return undefined;
  return { ...(template && { prompt: template }), ...(negativeTemplate && { negativePrompt: negativeTemplate }) };
}
