import { said } from '../../core/errors';
import { unusable } from './part';

/** What lets a picture say what to paint. */
export const imagePrompt = unusable('image-prompt', [
  { what: said`an IP-Adapter (image prompt)`, key: /^(?:ip_adapter|image_proj)\./ },
  {
    what: said`a CLIP image encoder, which image prompts need`,
    key: /^(?:vision_model|visual)\./,
    without: /^(?:text_model|transformer)\./,
    instead: said`. Easel cannot use it yet.`,
  },
]);
