/** The visitor's language: chosen once, remembered, otherwise the browser's. */
import type * as en from './messages/en';

type Texts = typeof en;
/** The key of any text; which of them a page has is up to the groups it asked for. */
export type Key = { [Group in keyof Texts]: keyof Texts[Group] }[keyof Texts];
export type Messages = Readonly<Partial<Record<Key, string>>>;
export type Language = 'en' | 'km';
/** How a page gets its texts, per language. */
export type Sources = Readonly<Record<Language, () => Promise<Messages>>>;

const kStored = 'quittance.language';
let messages: Messages = {};

function stored(): string | null {
  try {
    return localStorage.getItem(kStored);
  } catch {
    return null; // Storage may be forbidden; the browser's language is good enough then.
  }
}

export function language(): Language {
  const chosen = stored() ?? navigator.language;
  return chosen.toLowerCase().startsWith('km') ? 'km' : 'en';
}

export function choose_language(next: Language): void {
  try {
    localStorage.setItem(kStored, next);
  } catch {
    return;
  }
  location.reload();
}

/** Loads the chosen language, and only that one. To be awaited before the first `t`. */
export async function load_language(sources: Sources): Promise<void> {
  messages = await sources[language()]();
}

/** The text for `key`, with `{name}` places filled from `values`. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return (messages[key] ?? key).replace(/\{(\w+)\}/g, (place, name: string) =>
    String(values[name] ?? place),
  );
}

/** Puts the chosen language into a server-made page: texts, labels and picture descriptions. */
export function translate_page(values: Record<string, string>): void {
  document.documentElement.lang = language();
  if (language() === 'en') return;
  for (const element of document.querySelectorAll<HTMLElement>('[data-i18n]')) {
    const key = element.dataset['i18n'] as Key;
    // Of a way to pay that has no translation, the server's own words remain.
    if (key in messages) element.textContent = t(key, values);
  }
  for (const [mark, attribute] of [
    ['i18n-label', 'aria-label'],
    ['i18n-alt', 'alt'],
  ] as const) {
    for (const element of document.querySelectorAll(`[data-${mark}]`)) {
      element.setAttribute(attribute, t(element.getAttribute(`data-${mark}`) as Key, values));
    }
  }
}
