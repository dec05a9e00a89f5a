import { useEffect } from 'react';
import { type OpenPicture, openPicture, type Result, readResult, useGallery } from '../../store/gallery/gallery';

/** A result by its id; undefined until it is read, which this asks for. */
export function useResult(id: string | undefined): Result | undefined {
  const result = useGallery(({ results }) => (id === undefined ? undefined : results[id]));
  useEffect(() => {
    if (id !== undefined && !result) readResult(id);
  }, [id, result]);
  return result;
}

/** A result's picture in full; undefined until it is read, which this asks for. */
export function usePicture(result: Result | undefined): OpenPicture | undefined {
  const { record, picture } = result ?? {};
  useEffect(() => {
    if (record && !picture) void openPicture(record);
  }, [record, picture]);
  return picture;
}
