import { island } from '../page';
import Checkout from '../customer/checkout.svelte';

const texts = {
  en: () =>
    import('../messages/en?checkout').then(({ common, checkout }) => ({ ...common, ...checkout })),
  km: () =>
    import('../messages/km?checkout').then(({ common, checkout }) => ({ ...common, ...checkout })),
};
void island('checkout', Checkout, texts, ({ dataset }) => ({
  order_id: Number(dataset['orderId']),
  session_id: dataset['sessionId'] ?? '',
  expires_at: Number(dataset['expiresAt']),
  recovery_code: dataset['recoveryCode'] ?? '',
  save_url: dataset['saveUrl'] ?? '',
  deep_link: dataset['deepLink'] === '1',
  amount: dataset['amount'] ?? '',
}));
