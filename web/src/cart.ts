/** The cart: what the visitor wants, kept on the device. Prices always come from the server. */
export interface CartLine {
  product_id: number;
  quantity: number;
}

const kStored = 'quittance.cart';
/** More of one thing than this is a slip of the finger. */
export const kMostOfOne = 99;
const watchers = new Set<() => void>();

function is_line(value: unknown): value is CartLine {
  const line = value as CartLine | null;
  return (
    Number.isSafeInteger(line?.product_id) &&
    Number.isSafeInteger(line?.quantity) &&
    line!.quantity > 0
  );
}

/** What is in the cart; an unreadable store is an empty cart. */
export function cart_lines(): CartLine[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(kStored) ?? '[]');
    return Array.isArray(value) ? value.filter(is_line) : [];
  } catch {
    return [];
  }
}

function keep(lines: CartLine[]): void {
  try {
    localStorage.setItem(kStored, JSON.stringify(lines));
  } catch {
    // Without storage the cart lives as long as the page; nothing better can be done.
  }
  for (const watcher of watchers) watcher();
}

export function quantity_of(product_id: number): number {
  return cart_lines().find((line) => line.product_id === product_id)?.quantity ?? 0;
}

/** Sets how many of a product are wanted; zero takes it out. */
export function set_quantity(product_id: number, quantity: number): void {
  const wanted = Math.min(Math.max(0, Math.trunc(quantity) || 0), kMostOfOne);
  const lines = cart_lines();
  const line = lines.find((each) => each.product_id === product_id);
  if (line) line.quantity = wanted;
  else lines.push({ product_id, quantity: wanted });
  keep(lines.filter((each) => each.quantity > 0));
}

export function empty_cart(): void {
  keep([]);
}

export function cart_count(): number {
  return cart_lines().reduce((sum, line) => sum + line.quantity, 0);
}

/** Calls back whenever the cart changes, here or in another tab. */
export function on_cart_change(watcher: () => void): void {
  watchers.add(watcher);
  window.addEventListener('storage', (event) => {
    if (event.key === kStored) watcher();
  });
  window.addEventListener('pageshow', watcher);
}
