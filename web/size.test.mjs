/** Customer pages carry less than 50 KB of script, counted unpacked and for the larger language. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';

const dist = new URL('dist/', import.meta.url);
const kLimit = 50_000;
const kCustomerPages = [
  'shop',
  'cart',
  'checkout',
  'orders',
  'recover',
  'save-qr',
  'ways',
  'receipt',
  'verification',
  'error',
];

/** Every script that can come to run on a page: what it names, and what those name in turn. */
function scripts_of(page) {
  const html = readFileSync(new URL(`${page}.html`, dist), 'utf8');
  const found = new Set();
  const waiting = [...html.matchAll(/\/assets\/([\w.-]+\.js)"/g)].map((match) => match[1]);
  while (waiting.length > 0) {
    const name = waiting.pop();
    if (found.has(name)) continue;
    found.add(name);
    const code = readFileSync(new URL(`assets/${name}`, dist), 'utf8');
    for (const match of code.matchAll(/["'`](?:\.\/|assets\/)([\w-]+\.js)["'`]/g)) {
      waiting.push(match[1]);
    }
  }
  return [...found];
}

function bytes_of(page) {
  const size = (name) => readFileSync(new URL(`assets/${name}`, dist)).length;
  const names = scripts_of(page);
  const languages = names.filter((name) => /^(en|km)-/.test(name));
  assert.equal(languages.length, 2, `${page}: one script per language`);
  const fixed = names.filter((name) => !languages.includes(name));
  const sum = fixed.reduce((total, name) => total + size(name), 0);
  return sum + Math.max(...languages.map(size));
}

test('dist is built', () => {
  assert.ok(existsSync(new URL('shop.html', dist)), 'run `npm run build` first');
});

for (const page of kCustomerPages) {
  test(`${page} carries less than 50 KB of script`, (context) => {
    const bytes = bytes_of(page);
    context.diagnostic(`${page}: ${bytes} bytes`);
    assert.ok(bytes > 1_000, 'the count must have found the scripts');
    assert.ok(bytes < kLimit, `${page}: ${bytes} bytes`);
  });
}
