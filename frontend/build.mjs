// Bundles the front end into app/static/dist: hashed names, and manifest.json which tells Jinja (app/web/assets.py) their names.
// Every .js and .css file directly in src/ is an entry point; what they share lives in folders below src/.
import { context, build } from "esbuild";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";

const here = fileURLToPath(new URL(".", import.meta.url));
const source = join(here, "src");
const target = join(here, "..", "app", "static", "dist");
const watching = process.argv.includes("--watch");

async function entryPoints() {
  const files = await readdir(source, { withFileTypes: true });
  return files.filter((file) => file.isFile() && [".js", ".css"].includes(extname(file.name))).map((file) => join(source, file.name));
}

/** Entry name -> file in dist: {"app.js": "app-3F2A.js", "map.css": "map-91C0.css"}. A .css beside a .js entry is what that entry imports. */
function manifestOf(metafile) {
  const names = {};
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (!output.entryPoint) continue;
    const entry = basename(output.entryPoint);
    names[entry] = basename(path);
    if (output.cssBundle) names[entry.replace(/\.js$/, ".css")] = basename(output.cssBundle);
  }
  return Object.fromEntries(Object.entries(names).sort());
}

/** Each file once more in both encodings that browsers take: app/web/assets.py sends the one that is asked for. */
async function pack(path) {
  const content = await readFile(path);
  await Promise.all([
    promisify(gzip)(content, { level: 9 }).then((packed) => writeFile(`${path}.gz`, packed)),
    promisify(brotliCompress)(content).then((packed) => writeFile(`${path}.br`, packed)),
  ]);
}

// The manifest is replaced at once and last, so that a page never names a file that is not there; older files go afterwards.
const publish = {
  name: "publish",
  setup({ onEnd }) {
    onEnd(async ({ errors, metafile }) => {
      if (errors.length) return;
      await mkdir(target, { recursive: true });
      const built = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
      const packed = watching ? [] : [...built].filter((name) => [".js", ".css", ".svg"].includes(extname(name)));
      await Promise.all(packed.map((name) => pack(join(target, name))));
      for (const name of packed) for (const ending of [".gz", ".br"]) built.add(name + ending);
      const draft = join(target, "manifest.json.new");
      await writeFile(draft, JSON.stringify(manifestOf(metafile), null, 2) + "\n");
      await rename(draft, join(target, "manifest.json"));
      for (const file of await readdir(target)) {
        if (file !== "manifest.json" && !built.has(file)) await rm(join(target, file), { recursive: true });
      }
    });
  },
};

const options = {
  entryPoints: await entryPoints(),
  outdir: target,
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022"],
  minify: !watching,
  sourcemap: watching ? "linked" : false,
  metafile: true,
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  assetNames: "[name]-[hash]",
  legalComments: "linked",
  loader: { ".svg": "file", ".png": "file", ".woff2": "file" },
  logLevel: "warning",
  plugins: [publish],
};

if (watching) {
  await (await context(options)).watch();
} else {
  await build(options);
}
