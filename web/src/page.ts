/** Where a page hands a piece of itself to a component. */
import { mount, type Component } from 'svelte';
import { start_page } from './start';

/** Starts the page and replaces what is inside `#id` by the component, if that place exists. */
export async function island<Props extends Record<string, unknown>>(
  id: string,
  component: Component<Props>,
  props: (place: HTMLElement) => Props,
): Promise<void> {
  await start_page();
  const target = document.getElementById(id);
  if (!target) return;
  target.replaceChildren();
  mount(component, { target, props: props(target) });
  target.removeAttribute('aria-busy');
}
