/** Choosing how to pay: a page and a form as the server made them; only the language is ours. */
import { start_page } from '../start';

void start_page({
  en: () => import('../messages/en?ways').then(({ common, ways }) => ({ ...common, ...ways })),
  km: () => import('../messages/km?ways').then(({ common, ways }) => ({ ...common, ...ways })),
});
