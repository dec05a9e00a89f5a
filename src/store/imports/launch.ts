import { SHARED_QUERY, takeShared } from '../../offline/shared-items';
import { texts } from '../../texts/store';
import { notify } from '../notices';
import { changeSettings, useSettings } from '../settings/settings';
import { importFiles } from './drop';

/**
 * Takes what the installed page was opened with: files that the system opens with it, now and while it runs, and what
 * another program shared. Each is used as if it had been dropped; shared text becomes the prompt.
 * @param onCanvas is called when a picture was put on the canvas
 */
export async function takeLaunch(onCanvas: () => void): Promise<void> {
  const use = async (files: Parameters<typeof importFiles>[0]) => {
    if (await importFiles(files, 'open-picture')) onCanvas();
  };
  window.launchQueue?.setConsumer(async ({ files }) => {
    const handles = files.filter((handle): handle is FileSystemFileHandle => handle.kind === 'file');
    await use(await Promise.all(handles.map(async (handle) => ({ file: await handle.getFile(), handle }))));
  });
  if (location.search !== SHARED_QUERY) return;
  // A reload is no second share.
  history.replaceState(history.state, '', location.pathname + location.hash);
  const { files, text } = await takeShared(caches);
  if (text) takePrompt(text);
  await use(files.map((file) => ({ file })));
}

function takePrompt(prompt: string): void {
  const before = useSettings.getState().values.prompt;
  changeSettings({ prompt });
  notify(texts.sharedTextIsPrompt, { label: texts.undo, run: () => changeSettings({ prompt: before }) });
}
