/** Where a page hands a piece of itself to a component. */
import { mount, type Component } from 'svelte';
import type { Sources } from './language';
import { start_page } from './start';

/** Starts the page and replaces what is inside `#id` by the component, if that place exists. */
export async function island<Props extends Record<string, any>>(
  id: string,
  component: Component<Props>,
  sources: Sources,
  props: (place: HTMLElement) => Props,
): Promise<void> {
  await start_page(sources);
  const target = document.getElementById(id);
  if (!target) return;
  target.replaceChildren();
  mount(component, { target, props: props(target) });
  target.removeAttribute('aria-busy');
  // From here on the script answers, and no longer the form beneath it.
  target.dataset.live = '';
}
