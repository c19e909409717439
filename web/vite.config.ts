import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { svelte } from '@sveltejs/vite-plugin-svelte';

const here = fileURLToPath(new URL('.', import.meta.url));
const pages = readdirSync(here).filter((name) => name.endsWith('.html'));

/**
 * Puts the shared pieces into the pages: `<!--part:header-->` becomes parts/header.html. A link
 * marked data-nav="shop" becomes the current one on shop.html. Done while building, so that every
 * page has its header without any script. Slots such as {{merchant}} are left for the server.
 */
function shared_parts(): Plugin {
  return {
    name: 'shared-parts',
    transformIndexHtml: {
      order: 'pre',
      handler(html, context) {
        const page = context.path.replace(/^\//, '').replace(/\.html$/, '');
        return html
          .replace(/<!--part:([a-z-]+)-->\n?/g, (_, name: string) =>
            readFileSync(`${here}parts/${name}.html`, 'utf8'),
          )
          .replace(/ data-nav="([a-z-]+)"/g, (_, name: string) =>
            name === page ? ' aria-current="page"' : '',
          );
      },
    },
  };
}

export default defineConfig({
  root: here,
  appType: 'mpa',
  plugins: [shared_parts(), svelte()],
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    // Everything is a file of its own: the content security policy stays simple, caches work.
    assetsInlineLimit: 0,
    // The polyfill would be an extra script for browsers that cannot run es2022 anyway.
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: Object.fromEntries(pages.map((name) => [name.replace('.html', ''), here + name])),
    },
  },
});
