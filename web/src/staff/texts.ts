/** Staff pages are English whatever the visitor's language: of the shared texts they take that one. */
import type { Sources } from '../language';

const english = () => import('../messages/en?staff').then(({ common }) => common);

export const staff_sources: Sources = { en: english, km: english };
