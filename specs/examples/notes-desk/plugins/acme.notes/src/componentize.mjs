// node componentize.mjs CORE.wasm PLUGIN.wit OUT.wasm: makes a component of a core module
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [core, wit, out] = process.argv.slice(2);
const { resolve } = createRequire(pathToFileURL(join(process.env.JCO_PREFIX, 'package.json')));
const { componentEmbed, componentNew } = await import(pathToFileURL(resolve('@bytecodealliance/jco')));
const embedded = await componentEmbed({
  binary: await readFile(core),
  witSource: await readFile(wit, 'utf8'),
  world: 'plugin',
  stringEncoding: 'utf8',
  metadata: [],
});
await writeFile(out, await componentNew(embedded, []));
