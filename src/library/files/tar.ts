/** Everything in a TAR comes in blocks of this size. */
const BLOCK = 512;

/**
 * Files as one TAR archive in POSIX's ustar format. The parts of the archive are the files themselves: nothing of them
 * is read, and the browser takes them from the disk when it writes the archive. Sizes of 8 GiB and more are in GNU's
 * form, which bsdtar (Windows, macOS) and GNU tar read.
 * @param modifiedAt of all of them, in milliseconds since 1970
 * @throws RangeError where a path is longer than the format takes
 */
export function tarOf(files: readonly { path: string; file: Blob }[], modifiedAt: number): Blob {
  const parts = files.flatMap(({ path, file }) => {
    const padding = new Uint8Array((BLOCK - (file.size % BLOCK)) % BLOCK);
    return [header(path, file.size, modifiedAt), file, padding];
  });
  return new Blob([...parts, new Uint8Array(2 * BLOCK)], { type: 'application/x-tar' });
}

function header(path: string, bytes: number, modifiedAt: number): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => block.set(new TextEncoder().encode(text), at);
  const octal = (at: number, value: number, digits: number) => put(at, value.toString(8).padStart(digits, '0'));
  const { prefix, name } = splitPath(path);
  put(0, name);
  octal(100, 0o644, 7);
  octal(108, 0, 7); // nobody's user and group
  octal(116, 0, 7);
  if (bytes < 8 ** 11) octal(124, bytes, 11);
  else base256(block.subarray(124, 136), bytes);
  octal(136, Math.floor(modifiedAt / 1000), 11);
  put(148, ' '.repeat(8)); // the checksum counts its own field as spaces
  put(156, '0'); // an ordinary file
  put(257, 'ustar\u000000');
  put(345, prefix);
  octal(
    148,
    block.reduce((sum, byte) => sum + byte, 0),
    6,
  );
  block[154] = 0;
  return block;
}

/** Up to 100 bytes of name, and 155 of folders before it. */
function splitPath(path: string): { prefix: string; name: string } {
  const length = (text: string) => new TextEncoder().encode(text).length;
  if (length(path) <= 100) return { prefix: '', name: path };
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (length(prefix) <= 155 && length(name) <= 100) return { prefix, name };
  }
  throw new RangeError(`The path ${path} is too long for an archive.`);
}

/** A number of up to 2^53, most significant byte first, marked as being no octal digits. */
function base256(field: Uint8Array, value: number): void {
  let rest = value;
  for (let at = field.length - 1; at > 0; at--) {
    field[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  field[0] = 0x80;
}
