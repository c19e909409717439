/** Staff pages are English in every browser: of the shared texts they take the English ones. */
import type { Sources } from '../language';

const english = () => import('../messages/en?staff').then(({ common }) => common);

export const staff_sources: Sources = { en: english, km: english };
