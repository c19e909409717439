/** Texts: both languages say the same things, and each page has every text it asks for. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { load } from './typescript.mjs';

const en = await load('src/messages/en.ts');
const km = await load('src/messages/km.ts');
const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const places = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

/** Which files make a page, by the group of texts that it loads. */
const kPages = {
  shop: ['shop.html', 'src/customer/shop.svelte'],
  cart: ['cart.html', 'src/customer/cart.svelte'],
  ways: ['ways.html'],
  checkout: ['checkout.html', 'src/customer/checkout.svelte'],
  orders: ['orders.html', 'src/customer/orders.svelte'],
  recover: ['recover.html', 'src/customer/recover.svelte'],
  documents: ['save-qr.html', 'receipt.html', 'verification.html', 'error.html'],
  common: [
    'parts/header.html',
    'parts/footer.html',
    'src/start.ts',
    'src/trouble.ts',
    'src/parts/trouble.svelte',
    'src/parts/skeleton.svelte',
  ],
};

test('Khmer has every group, key and place of English', () => {
  assert.deepEqual(Object.keys(km).sort(), Object.keys(en).sort());
  for (const group of Object.keys(en)) {
    assert.deepEqual(Object.keys(km[group]), Object.keys(en[group]));
    for (const [key, text] of Object.entries(en[group])) {
      assert.deepEqual(places(km[group][key]), places(text), key);
      assert.ok(km[group][key].length > 0, key);
    }
  }
});

for (const [group, files] of Object.entries(kPages)) {
  // The cart offers the ways of paying too.
  const texts = { ...en.common, ...en[group], ...(group === 'cart' ? en.ways : {}) };

  test(`${group}: every text asked for is in its group or common`, () => {
    for (const file of files) {
      const source = read(file);
      const asked = [
        ...[...source.matchAll(/data-i18n(?:-label|-alt)?="(\w+)"/g)].map((match) => match[1]),
        ...[...source.matchAll(/\bt\(\s*'(\w+)'/g)].map((match) => match[1]),
        ...[...source.matchAll(/\bt\([^'`()]*\? '(\w+)' : '(\w+)'/g)].flatMap((m) => [m[1], m[2]]),
      ];
      for (const key of asked) assert.ok(key in texts, `${file}: ${key}`);
      for (const status of ['PENDING', 'COMPLETED', 'CANCELLED', 'REFUNDED']) {
        if (source.includes('t(`status_')) assert.ok(`status_${status}` in texts);
      }
      for (const tab of ['all', 'pending', 'completed', 'cancelled', 'refunded']) {
        if (source.includes('t(`tab_')) assert.ok(`tab_${tab}` in texts);
      }
    }
  });

  test(`${group}: the English in the page is the English in the messages`, () => {
    for (const file of files.filter((name) => name.endsWith('.html'))) {
      for (const [, key, text] of read(file).matchAll(/data-i18n="(\w+)"[^>]*>([^<]*)</g)) {
        assert.equal(text.replace(/{{(\w+)}}/g, '{$1}'), texts[key], `${file}: ${key}`);
      }
    }
  });
}
