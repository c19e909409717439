import { island } from '../page';
import { wire_logout } from '../staff/gate';
import Payments from '../staff/payments.svelte';
import { staff_sources } from '../staff/texts';

wire_logout();
void island('staff-payments', Payments, staff_sources, () => ({}));
