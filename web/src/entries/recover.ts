import { island } from '../page';
import Recover from '../customer/recover.svelte';

void island('recover', Recover, () => ({}));
