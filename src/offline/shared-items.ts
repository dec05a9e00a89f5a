/**
 * What other programs share with the installed page: the browser posts it as a form, the service worker lays it in a
 * cache, and the page that then opens takes it from there.
 */
const CACHE = 'easel-shared';

/** Where the manifest has shares posted to, from the page's folder. */
export const SHARE_ACTION = 'share';

/** What the address of a page ends in that was opened for something shared. */
export const SHARED_QUERY = '?shared';

const NAME = 'X-File-Name';

interface SharedItems {
  files: readonly File[];
  /** Title, text and address as far as there are any, one a line. */
  text: string;
}

/** Lays what was posted aside for the page. @param folder the page's, with a slash at its end */
export async function keepShared(form: FormData, caches: CacheStorage, folder: string): Promise<void> {
  const cache = await caches.open(CACHE);
  const files = form.getAll('files').filter((entry) => entry instanceof File);
  const text = ['title', 'text', 'url'].flatMap((field) => form.getAll(field)).filter(Boolean);
  await Promise.all([
    ...files.map((file, i) => {
      const headers = { 'Content-Type': file.type, [NAME]: encodeURIComponent(file.name) };
      return cache.put(`${folder}${SHARE_ACTION}/${i}`, new Response(file, { headers }));
    }),
    cache.put(`${folder}${SHARE_ACTION}/text`, new Response(text.join('\n'))),
  ]);
}

/** Takes what was shared, once: nobody finds it there again. */
export async function takeShared(caches: CacheStorage): Promise<SharedItems> {
  if (!(await caches.has(CACHE))) return { files: [], text: '' };
  const cache = await caches.open(CACHE);
  const files: File[] = [];
  let text = '';
  for (const request of await cache.keys()) {
    const response = await cache.match(request);
    const name = response?.headers.get(NAME);
    if (response && name) files.push(new File([await response.blob()], decodeURIComponent(name), typeOf(response)));
    else text = (await response?.text()) ?? '';
  }
  await caches.delete(CACHE);
  return { files, text };
}

const typeOf = ({ headers }: Response) => ({ type: headers.get('Content-Type') ?? '' });
