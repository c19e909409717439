import { island } from '../page';
import Shop from '../customer/shop.svelte';

const texts = {
  en: () => import('../messages/en?shop').then(({ common, shop }) => ({ ...common, ...shop })),
  km: () => import('../messages/km?shop').then(({ common, shop }) => ({ ...common, ...shop })),
};
void island('shop', Shop, texts, () => ({}));
