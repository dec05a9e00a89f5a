import type { ModelFiles } from '../../../model/weights/model-files';
/**
 * A folder that `serveFiles` offers at `base`, read range by range.
 * @throws EaselError `offline` when the server has gone, `corrupt` when it refuses a file.
 */
export declare function fetchedFiles(base: string): Promise<ModelFiles>;
