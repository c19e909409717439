/** Pages that are complete as the server made them: receipt, verification, saved QR, errors. */
import { start_page } from '../start';

void start_page({
  // The English texts already stand in the page.
  en: () => import('../messages/en?documents').then(({ common }) => common),
  km: () =>
    import('../messages/km?documents').then(({ common, documents }) => ({
      ...common,
      ...documents,
    })),
});
