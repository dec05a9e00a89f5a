import type { Page } from 'playwright/test';
import { violations } from './fixtures/axe';
import { expect, test } from './fixtures/easel';
import { ANY, begins, either, en, sentence } from './fixtures/texts';

const NOT_OPEN = sentence('The browser’s storage is not open: the top of the page says more.');
const FULL = sentence('The disk space for this page is full. Download and delete some results.');

test.use({ starter: 'tiny' });

/** Gives the page's site no more than so many bytes of disk; as many as there are where it is left out. */
async function allow(page: Page, origin: string, quotaSize?: number): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize });
}

test('results on a full disk are marked, ask before the page is left, and are saved when there is room', async ({
  easel,
  page,
  baseURL,
}) => {
  const { origin } = new URL(baseURL ?? '');
  await page.addInitScript(() => {
    StorageManager.prototype.persisted = async () => false;
    StorageManager.prototype.persist = async () => true;
  });
  await allow(page, origin, 1);
  await easel.open();
  await easel.set({ batchCount: 2 });
  await easel.generate.click();
  await expect(easel.results).toHaveCount(2);
  await expect(page.getByRole('list', { name: en.stage.batch }).getByRole('button')).toHaveCount(2);
  const message = easel.notices.filter({ hasText: begins(en.store.notSaved([ANY])) });
  await expect(message).toContainText(`${en.store.notSaved([en.store.pictures(2)])} ${FULL}`);
  await expect(message).toHaveCount(1);
  await expect(easel.results.getByText(en.gallery.notSaved)).toHaveCount(2);
  await expect(page.getByRole('main').getByText(en.gallery.notSaved)).toBeVisible();
  await expect(easel.results.first()).toHaveAccessibleName(begins(en.gallery.unsavedPictureOf(2, '')));
  expect(await violations(page, 'dark')).toEqual([]);

  // The message goes when it is dismissed, the marks and the question stay.
  await message.getByRole('button', { name: en.app.dismiss }).click();
  await expect(message).toHaveCount(0);
  await expect(easel.results.getByText(en.gallery.notSaved)).toHaveCount(2);
  const asked = page.waitForEvent('dialog');
  await page.evaluate(() => setTimeout(() => location.reload()));
  const question = await asked;
  expect(question.type()).toBe('beforeunload');
  await question.dismiss();

  await allow(page, origin);
  await easel.set({ batchCount: 1 });
  await easel.paint();
  // The first picture that is kept: the browser is asked to keep it for good.
  await expect(easel.notices.filter({ hasText: en.store.mayBeCleared })).toBeVisible();
  await expect(easel.results.getByText(en.gallery.notSaved)).toHaveCount(0);
  await page.reload();
  await expect(easel.results).toHaveCount(3);
  await expect(easel.results.first()).toHaveAccessibleName(begins(en.gallery.pictureOf(3, '')));
  const preferences = await page.evaluate(() => localStorage.getItem('easel.preferences'));
  expect(JSON.parse(preferences ?? '').value.persistence).toBe('granted');
});

test('what is set in one tab stands beside what is typed in another, and clashing settings come back', async ({
  easel,
  page,
  context,
}) => {
  await easel.openEarly();
  const other = new (easel.constructor as new (page: Page) => typeof easel)(await context.newPage());
  await other.openEarly();
  await easel.prompt.fill('a long and precious prompt');
  await other.set({ steps: 33 });
  await other.page.getByText(en.settings.advancedSettings).click();
  await other.set({ guidanceStart: 0.9, guidanceEnd: 0.1 });
  await other.page.close();
  await easel.openEarly();
  await expect(easel.prompt).toHaveValue('a long and precious prompt');
  await expect(easel.field('steps')).toHaveValue('33');
  await expect(page.getByRole('alert')).toContainText(sentence('Guidance start must not come after guidance end.'));
});

test('a page that the browser keeps nothing for works, and a prompt that hung the last start is set aside', async ({
  easel,
  page,
}) => {
  await page.addInitScript(() => {
    const refuse = () => {
      throw new DOMException('Access is denied for this document.', 'SecurityError');
    };
    if (location.search.includes('blocked')) {
      Object.defineProperty(window, 'localStorage', { get: refuse });
      IDBFactory.prototype.open = refuse;
    }
    // When the note of a start that may hang is written and removed: before the form stands, and after.
    const notes: string[] = [];
    Object.assign(window, { notes });
    for (const method of ['setItem', 'removeItem'] as const) {
      const original = Storage.prototype[method] as (...args: string[]) => void;
      Storage.prototype[method] = function (this: Storage, ...args: string[]) {
        if (args[0] === 'easel.start')
          notes.push(`${method} ${document.querySelector('textarea') ? 'after' : 'before'}`);
        original.apply(this, args);
      };
    }
  });
  await easel.openEarly('./?blocked');
  // Once, by what tells of all that is kept.
  await expect(page.getByText(en.store.storageRefused)).toBeVisible();
  await expect(page.getByText(either(en.store.storageRefused, en.store.settingsNotKept, NOT_OPEN))).toHaveCount(1);
  await easel.prompt.fill('a fox');

  await easel.openEarly('./');
  await easel.prompt.fill('(a(a(a');
  // As a start leaves it that never came to its end.
  await page.evaluate(() => localStorage.setItem('easel.start', String(Date.now() - 60_000)));
  await easel.openEarly('./');
  await expect(easel.prompt).toHaveValue('');
  const message = easel.notices.filter({ hasText: en.store.pageHung });
  await message.getByRole('button', { name: en.store.putBack }).click();
  await expect(easel.prompt).toHaveValue('(a(a(a');

  await easel.openEarly('./');
  await expect(easel.prompt).toHaveValue('(a(a(a');
  const notes = () => page.evaluate(() => (window as unknown as { notes: string[] }).notes.slice(0, 2));
  await expect.poll(notes).toEqual(['setItem before', 'removeItem after']);
});
