import { island } from '../page';
import Orders from '../customer/orders.svelte';

void island('orders', Orders, () => ({}));
