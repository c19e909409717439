import { island } from '../page';
import Shop from '../customer/shop.svelte';

void island('shop', Shop, () => ({}));
