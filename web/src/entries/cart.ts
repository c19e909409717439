import { island } from '../page';
import Cart from '../customer/cart.svelte';

void island('cart', Cart, () => ({}));
