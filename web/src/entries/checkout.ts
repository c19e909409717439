import { island } from '../page';
import Checkout from '../customer/checkout.svelte';

void island('checkout', Checkout, ({ dataset }) => ({
  order_id: Number(dataset['orderId']),
  session_id: dataset['sessionId'] ?? '',
  expires_at: Number(dataset['expiresAt']),
  recovery_code: dataset['recoveryCode'] ?? '',
  save_url: dataset['saveUrl'] ?? '/orders',
  amount: dataset['amount'] ?? '',
}));
