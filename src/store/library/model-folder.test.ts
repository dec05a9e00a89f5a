import { expect, it } from 'vitest';
import { folderFromInput } from './model-folder';

function chosen(...paths: string[]): File[] {
  return paths.map((path) =>
    Object.assign(new File(['x'], path.split('/').at(-1) ?? ''), { webkitRelativePath: path }),
  );
}

it('takes paths from the folder that holds model_index.json', () => {
  const source = folderFromInput(chosen('my-model/model_index.json', 'my-model/unet/config.json'));
  expect(source).toMatchObject({
    kind: 'folder',
    name: 'my-model',
    files: [{ path: 'model_index.json' }, { path: 'unet/config.json' }],
  });
});

it('finds the model one folder further down, and leaves what lies beside it', () => {
  const source = folderFromInput(
    chosen('Downloads/m/model_index.json', 'Downloads/m/vae/config.json', 'Downloads/notes.txt'),
  );
  expect(source).toMatchObject({ files: [{ path: 'model_index.json' }, { path: 'vae/config.json' }] });
});

it('says what is missing in a folder that is not a model', () => {
  expect(() => folderFromInput(chosen('pictures/cat.png'))).toThrow(
    /“pictures” is not a diffusers folder.*model_index\.json/,
  );
  expect(() => folderFromInput([])).toThrow(/empty/);
});
