/** Reading QR pictures as a camera would. */
import jsqr from 'jsqr';
import { PNG } from 'pngjs';
import { eventually, kPatienceMs } from './wait.mjs';

/** The text of the one QR code in a PNG, or null. */
export function read_qr_png(bytes) {
  const { data, width, height } = PNG.sync.read(bytes);
  const found = (jsqr.default ?? jsqr)(new Uint8ClampedArray(data), width, height);
  return found ? found.data : null;
}

/** The text of the QR code that a browser shows at `locator`, as soon as its picture is painted. */
export function read_off(locator) {
  return eventually(`the QR at ${locator} can be read`, kPatienceMs,
    async () => read_qr_png(await locator.screenshot()), 100);
}
