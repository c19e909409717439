/** What every page does first: language, cart count, and the way to the sandbox bank. */
import { cart_count, on_cart_change } from './cart';
import {
  choose_language,
  language,
  load_language,
  t,
  translate_page,
  type Sources,
} from './language';

function show_cart_count(): void {
  const badge = document.getElementById('cart-count');
  if (!badge) return;
  const count = cart_count();
  badge.textContent = String(count);
  badge.hidden = count === 0;
  badge.setAttribute('aria-label', t('cart_count', { n: count }));
}

function show_language_switch(): void {
  const button = document.getElementById('language');
  if (!button) return;
  const other = language() === 'km' ? 'en' : 'km';
  button.textContent = other === 'km' ? 'ខ្មែរ' : 'English';
  button.lang = other;
  button.hidden = false;
  button.addEventListener('click', () => choose_language(other));
}

/** In a test shop the visitor plays the bank too; the server tells where that is. */
async function show_sandbox_link(): Promise<void> {
  const link = document.getElementById('sandbox-link') as HTMLAnchorElement | null;
  if (!link) return;
  const { api } = await import('./api');
  const { sandbox_url } = await api.me();
  if (!sandbox_url) return;
  link.href = sandbox_url;
  link.hidden = false;
}

export async function start_page(sources: Sources): Promise<void> {
  await load_language(sources);
  const meta = document.querySelector<HTMLMetaElement>('meta[name="merchant"]');
  translate_page({ merchant: meta?.content ?? '' });
  show_language_switch();
  show_cart_count();
  on_cart_change(show_cart_count);
  show_sandbox_link().catch(() => undefined); // A convenience: its absence is no error.
  for (const button of document.querySelectorAll('[data-print]')) {
    button.addEventListener('click', () => window.print());
  }
}
