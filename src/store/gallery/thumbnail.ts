/** Of its longer side, in pixels: twice what the strip shows it in. */
const SIDE = 256;

/**
 * A small copy of a picture, which takes a fraction of its bytes and of the time to decode them.
 * @throws where the browser cannot read the picture or make another of it
 */
export async function makeThumbnail(picture: Blob): Promise<Blob> {
  const whole = await createImageBitmap(picture);
  const scale = Math.min(1, SIDE / Math.max(whole.width, whole.height));
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  const canvas = new OffscreenCanvas(side(whole.width), side(whole.height));
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser gives no 2D canvas.');
  context.imageSmoothingQuality = 'high';
  context.drawImage(whole, 0, 0, canvas.width, canvas.height);
  whole.close();
  return canvas.convertToBlob({ type: 'image/webp', quality: 0.85 });
}
