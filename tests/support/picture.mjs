/** Reading QR pictures as a camera would. */
import jsqr from 'jsqr';
import { PNG } from 'pngjs';

/** The text of the one QR code in a PNG, or null. */
export function read_qr_png(bytes) {
  const { data, width, height } = PNG.sync.read(bytes);
  const found = (jsqr.default ?? jsqr)(new Uint8ClampedArray(data), width, height);
  return found ? found.data : null;
}
