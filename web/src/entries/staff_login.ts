import { island } from '../page';
import Login from '../staff/login.svelte';
import { staff_sources } from '../staff/texts';

void island('staff-login', Login, staff_sources, () => ({}));
