import { island } from '../page';
import Cart from '../customer/cart.svelte';

const texts = {
  en: async () => {
    const { common, cart, ways } = await import('../messages/en?cart');
    return { ...common, ...cart, ...ways };
  },
  km: async () => {
    const { common, cart, ways } = await import('../messages/km?cart');
    return { ...common, ...cart, ...ways };
  },
};
void island('cart', Cart, texts, () => ({}));
