/**
 * Money for the eye. Amounts arrive as whole minor units (cents, or riel where there are none) and
 * stay whole numbers: text is made by placing the point, never by dividing.
 */

/** Digits after the point that we use per currency; the same table as the server's. */
const kExponents: Readonly<Record<string, number>> = { USD: 2, KHR: 0, MNT: 2, MGA: 0, INR: 2 };

/** `1250, "USD"` → `12.50`; `100000, "KHR"` → `100,000`. No fractions, no unknown currency. */
export function number_text(minor: number, currency: string): string {
  const exponent = kExponents[currency];
  if (exponent === undefined) throw new RangeError(`unknown currency ${currency}`);
  if (!Number.isSafeInteger(minor)) throw new RangeError(`not whole minor units: ${minor}`);
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent).replace(/\B(?=(\d{3})+$)/g, ',');
  const part = exponent > 0 ? '.' + digits.slice(-exponent) : '';
  return (minor < 0 ? '-' : '') + whole + part;
}

/** `1250, "USD"` → `12.50 USD`. */
export function amount_text(minor: number, currency: string): string {
  return `${number_text(minor, currency)} ${currency}`;
}

/** `1298000, "USD"` → `12980.00`: as the server reads a sum, and as a field is filled in. */
export function plain_text(minor: number, currency: string): string {
  return number_text(minor, currency).replaceAll(',', '');
}

/**
 * What somebody typed as a sum: `12.5`, `12.50`, `1,298.00`, ` 12 ` → whole minor units. Null for
 * anything that is not exactly one, such as a third digit after the point.
 */
export function minor_of(text: string, currency: string): number | null {
  const exponent = kExponents[currency];
  if (exponent === undefined) return null;
  const found = /^(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$/.exec(text.trim());
  if (!found) return null;
  const whole = found[1] ?? '';
  const part = found[2] ?? '';
  if (part.length > exponent) return null;
  const minor = Number(whole.replaceAll(',', '') + part.padEnd(exponent, '0'));
  return Number.isSafeInteger(minor) ? minor : null;
}

/** Price times quantity, exact. Throws when the product leaves the exact range. */
export function times(minor: number, quantity: number): number {
  const product = minor * quantity;
  if (!Number.isSafeInteger(product)) throw new RangeError('amount too large');
  return product;
}
