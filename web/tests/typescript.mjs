/** Lets a test import one of our TypeScript files that imports nothing itself but types. */
import { readFileSync } from 'node:fs';
import { transformWithEsbuild } from 'vite';

let evaluated = 0;

/** The module at `path` (from web/), freshly evaluated on every call. */
export async function load(path) {
  const source = readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  const { code } = await transformWithEsbuild(source, path, { sourcemap: false });
  evaluated += 1; // An address of its own, so that no state is left over from an earlier load.
  const fresh = `${code}\n// ${evaluated}`;
  return import(`data:text/javascript;base64,${Buffer.from(fresh).toString('base64')}`);
}
