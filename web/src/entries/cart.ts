import { island } from '../page';
import Cart from '../customer/cart.svelte';

const texts = {
  en: () => import('../messages/en?cart').then(({ common, cart }) => ({ ...common, ...cart })),
  km: () => import('../messages/km?cart').then(({ common, cart }) => ({ ...common, ...cart })),
};
void island('cart', Cart, texts, () => ({}));
