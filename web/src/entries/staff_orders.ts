import { island } from '../page';
import Orders from '../staff/orders.svelte';
import { wire_logout } from '../staff/gate';
import { staff_sources } from '../staff/texts';

wire_logout();
void island('staff-orders', Orders, staff_sources, () => ({}));
