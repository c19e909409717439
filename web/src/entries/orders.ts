import { island } from '../page';
import Orders from '../customer/orders.svelte';

const texts = {
  en: () =>
    import('../messages/en?orders').then(({ common, orders }) => ({ ...common, ...orders })),
  km: () =>
    import('../messages/km?orders').then(({ common, orders }) => ({ ...common, ...orders })),
};
void island('orders', Orders, texts, () => ({}));
