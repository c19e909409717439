/** A good look at a page: the picture, its width, and what a screen reader would stumble over. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';

const kOutput = fileURLToPath(new URL('../output/', import.meta.url));
const kSerious = new Set(['serious', 'critical']);

/** Waits until everything that the page was going to show is there. */
async function settled(page) {
  await page.waitForFunction(async () => {
    if (document.querySelector('[aria-busy=true], .skeleton')) return false;
    await document.fonts.ready;
    await Promise.all([...document.images].map((image) => image.decode()));
    return true;
  });
}

/** Violations of rank serious or critical, one line each. */
async function barriers(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => axe.run(document, {
    resultTypes: ['violations'],
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  return violations.filter(({ impact }) => kSerious.has(impact)).map(({ id, help, nodes }) =>
    `${id}: ${help}: ${nodes.map(({ target, failureSummary }) =>
      `${target.join(' ')} (${failureSummary.replace(/\s+/g, ' ')})`).join('; ')}`);
}

/** How far the page sticks out to the right, in CSS pixels, and what does. */
function overflow(page, width) {
  return page.evaluate((limit) => {
    const wide = document.documentElement.scrollWidth - limit;
    if (wide <= 0) return [];
    const sticks_out = [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > limit + 0.5)
      .map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
    return [`${wide} px too wide: ${sticks_out.slice(-5).join(', ')}`];
  }, width);
}

/** Takes the picture tests/output/<name>-<width>.png and gives what is wrong with the page. */
export async function look_at(page, name) {
  await settled(page);
  await mkdir(kOutput, { recursive: true });
  const { width } = page.viewportSize();
  await page.screenshot({ path: `${kOutput}${name}-${width}.png`, fullPage: true, scale: 'css' });
  return [...await overflow(page, width), ...await barriers(page)];
}
