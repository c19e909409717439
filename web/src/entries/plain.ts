/** Pages that are complete as the server made them: receipt, verification, saved QR, errors. */
import { start_page } from '../start';

void start_page();
