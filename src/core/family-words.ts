/** Families of models that are called in words, by their ids; the others go by names, which stay in every language. */
export const FAMILY_WORDS = {
  adm: 'guided diffusion',
  ldm: 'latent diffusion without text',
} as const;
