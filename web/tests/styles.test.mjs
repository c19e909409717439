/** A custom property that nobody sets makes its rule disappear without a word. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import test from 'node:test';

const kSource = new URL('../src/', import.meta.url);

async function sources() {
  const names = await readdir(kSource, { recursive: true });
  const wanted = names.filter((name) => /\.(css|svelte|ts)$/.test(name));
  return Promise.all(wanted.map(async (name) => ({
    name, text: await readFile(new URL(name, kSource), 'utf8'),
  })));
}

test('every custom property that is used is set somewhere', async () => {
  const files = await sources();
  const all = files.map(({ text }) => text).join('\n');
  const set = new Set([...all.matchAll(/(--[a-z0-9-]+)\s*:/g)].map(([, name]) => name));
  assert.ok(set.size > 20);
  for (const { name, text } of files) {
    for (const [, used] of text.matchAll(/var\((--[a-z0-9-]+)\)/g)) {
      assert.ok(set.has(used), `${name} uses ${used}`);
    }
  }
});
