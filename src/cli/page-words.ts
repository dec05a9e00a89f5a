import { texts as app } from '../texts/app';
import { texts } from '../texts/start';

/** What stands where index.html says `{{name}}`. */
const WORDS: Readonly<Record<string, string>> = {
  title: asHtml(texts.name),
  description: asHtml(texts.description),
  notStarted: withCode(texts.notStarted('{0}', '{1}', '{2}'), ['dist', '.js', 'text/javascript']),
  noScript: asHtml(texts.noScript),
};

/** A sentence with `{0}`, `{1}`, ... as HTML with names of code there. */
function withCode(sentence: string, names: readonly string[]): string {
  return asHtml(sentence).replace(/\{(\d)\}/g, (_, at) => `<code>${asHtml(names[Number(at)])}</code>`);
}

function asHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
}

/** index.html with its words. @throws where it asks for one that there is not */
export function withWords(html: string): string {
  return html.replace(/\{\{(\w+)\}\}/g, (_, name) => {
    if (name in WORDS) return WORDS[name];
    throw new Error(`index.html asks for {{${name}}}; page-words.ts has ${Object.keys(WORDS).join(', ')}.`);
  });
}

/** Pictures that a person opens with Easel, or shares with it. */
const PICTURES = {
  'image/png': ['.png'],
  'image/jpeg': ['.jpg', '.jpeg'],
  'image/webp': ['.webp'],
  'image/avif': ['.avif'],
  'image/gif': ['.gif'],
};

const icon = (src: string, sizes: string, type: string, purpose = 'any') => ({ src, sizes, type, purpose });
const screenshot = (form: 'wide' | 'narrow', sizes: string, label: string) => ({
  src: `./screenshots/${form}.jpg`,
  sizes,
  type: 'image/jpeg',
  form_factor: form,
  label,
});

/** The web app manifest. */
export const WEB_MANIFEST = {
  id: './',
  name: texts.name,
  short_name: texts.name,
  description: texts.description,
  lang: 'en',
  dir: 'ltr',
  categories: ['graphics', 'photo', 'productivity'],
  start_url: './',
  scope: './',
  display: 'standalone',
  background_color: '#141416',
  theme_color: '#141416',
  icons: [
    icon('./icon.svg', 'any', 'image/svg+xml'),
    icon('./icon-192.png', '192x192', 'image/png'),
    icon('./icon-512.png', '512x512', 'image/png'),
    icon('./icon-maskable-512.png', '512x512', 'image/png', 'maskable'),
  ],
  screenshots: [
    screenshot('wide', '1280x800', texts.wideScreenshot),
    screenshot('narrow', '390x844', texts.narrowScreenshot),
  ],
  shortcuts: [
    { name: app.paint, url: './#paint' },
    { name: app.canvas, url: './#canvas' },
    { name: app.models, url: './#models' },
  ],
  launch_handler: { client_mode: ['focus-existing', 'auto'] },
  file_handlers: [
    { action: './', accept: { ...PICTURES, 'image/bmp': ['.bmp'] } },
    { action: './', accept: { 'application/x-safetensors': ['.safetensors'] } },
  ],
  share_target: {
    action: './share',
    method: 'POST',
    enctype: 'multipart/form-data',
    params: {
      title: 'title',
      text: 'text',
      url: 'url',
      files: [{ name: 'files', accept: Object.keys(PICTURES) }],
    },
  },
};
