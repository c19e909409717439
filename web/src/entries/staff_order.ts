import { island } from '../page';
import Order from '../staff/order.svelte';
import { wire_logout } from '../staff/gate';
import { staff_sources } from '../staff/texts';

wire_logout();
const order_id = Number(new URLSearchParams(location.search).get('order_id'));
void island('staff-order', Order, staff_sources, () => ({ order_id }));
