import { island } from '../page';
import Recover from '../customer/recover.svelte';

const texts = {
  en: () =>
    import('../messages/en?recover').then(({ common, recover }) => ({ ...common, ...recover })),
  km: () =>
    import('../messages/km?recover').then(({ common, recover }) => ({ ...common, ...recover })),
};
void island('recover', Recover, texts, () => ({}));
