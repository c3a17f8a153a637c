/**
 * Builds what the browser loads: `node build.mjs [panel] [lab] [dev]` (default: panel and lab).
 *
 *   src/panels/widget.ts -> ../nbtrack/panels/static/panel.js     one ES module for anywidget, CSS inside
 *   src/compare/widget.ts -> ../nbtrack/panels/static/comparison.js  the same for several runs
 *   src/report/index.ts  -> ../nbtrack/panels/static/report.js    both views for pages; report.css beside it
 *   src/report/notebook.ts -> ../nbtrack/panels/static/notebook.js  what pages of notebooks run besides; notebook.css
 *   src/lab/index.ts     -> ../nbtrack/lab/labextension/          a prebuilt JupyterLab extension
 *   dev/page.ts          -> dev/dist/page.js                      the page to look at while drawing
 *
 * It always builds, never because something is absent, and removes what an earlier build left.
 */
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const STATIC = resolve(HERE, "../nbtrack/panels/static");
const WIDGETS = { "panel.js": "src/panels/widget.ts", "comparison.js": "src/compare/widget.ts" };
const LAB = resolve(HERE, "../nbtrack/lab/labextension");
const LAB_CHUNKS = {
  comparison: "src/compare/widget.ts",
  panel: "src/panels/widget.ts",
  sidebar: "src/lab/sidebar/index.ts",
  table: "src/lab/table/index.ts",
};
const { version } = JSON.parse(readFileSync(join(HERE, "package.json"), "utf8"));

const LICENCES = "third-party-licences.txt";
const LICENCE_NOTE = `/*! Licences of bundled libraries: ${LICENCES} */\n`;

const COMMON = {
  absWorkingDir: HERE,
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  target: "es2022",
  platform: "browser",
  charset: "utf8",
  legalComments: "none", // the full licence texts stand beside the bundle, see `licences`
  plugins: [styleText()],
  logLevel: "warning",
};

/** Style sheets are imported as text, without their comments and spaces. */
function styleText() {
  return {
    name: "style-text",
    setup({ onLoad }) {
      onLoad({ filter: /\.css$/ }, async ({ path }) => {
        const { code } = await transform(readFileSync(path, "utf8"), {
          loader: "css",
          minify: true,
        });
        return { contents: code.trim(), loader: "text" };
      });
    },
  };
}

/** The licence texts of the libraries inside a bundle, for the file that goes with it. */
function licences(metafile) {
  const packages = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) packages.add(found[1]);
  }
  const texts = [...packages].sort().map((name) => {
    const folder = join(HERE, "node_modules", name);
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} is bundled but its package holds no licence file`);
    return `${name}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  });
  return texts.join("\n");
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  const raw = Buffer.byteLength(text);
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  console.log(
    `${relative(resolve(HERE, ".."), path)}  ${kilobytes(raw)}, gzip ${kilobytes(gzipSync(text).length)}`,
  );
}

async function buildPanel() {
  rmSync(STATIC, { recursive: true, force: true });
  for (const [name, entry] of Object.entries(WIDGETS)) {
    const result = await build({ ...COMMON, entryPoints: [entry], format: "esm" });
    write(join(STATIC, name), LICENCE_NOTE + result.outputFiles[0].text);
    write(join(STATIC, LICENCES), licences(result.metafile));
  }
  await buildReport();
}

/**
 * A page stands alone: it holds its licences, and its style sheets stand in it by their
 * hashes, where a script would not be let to add any.
 */
async function buildReport() {
  const sheets = [];
  const collected = {
    name: "style-apart",
    setup({ onLoad }) {
      onLoad({ filter: /\.css$/ }, async ({ path }) => {
        const text = readFileSync(path, "utf8");
        sheets.push([path, (await transform(text, { loader: "css", minify: true })).code.trim()]);
        return { contents: "", loader: "text" };
      });
    },
  };
  const entryPoints = ["src/report/index.ts"];
  const result = await build({ ...COMMON, plugins: [collected], entryPoints, format: "esm" });
  const texts = licences(result.metafile).replaceAll("*/", "* /");
  const note = `/*! nbtrack ${version}, Apache License 2.0\n${texts}*/\n`;
  write(join(STATIC, "report.js"), note + result.outputFiles[0].text);
  const order = sheets.sort(([one], [other]) => one.localeCompare(other, "en"));
  write(join(STATIC, "report.css"), order.map(([, text]) => text).join("\n"));
  const notebook = await build({
    ...COMMON,
    entryPoints: ["src/report/notebook.ts"],
    format: "iife",
  });
  write(join(STATIC, "notebook.js"), notebook.outputFiles[0].text);
  const look = readFileSync(join(HERE, "src/report/notebook.css"), "utf8");
  write(
    join(STATIC, "notebook.css"),
    (await transform(look, { loader: "css", minify: true })).code,
  );
}

/**
 * Wraps a CommonJS bundle as the module-federation container that JupyterLab loads.
 * The host's own copies of `@jupyterlab/*` and `@lumino/*` come from its share scope.
 */
function container(name, shared, bundle) {
  return `(() => {
"use strict";
let scope, loaded;
const base = document.currentScript?.src ?? "";
const newest = (versions) => versions.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
const run = (module, exports, require, nbtrackBase) => {${bundle}};
async function load() {
  const modules = {};
  for (const name of ${JSON.stringify(shared)}) {
    const offered = scope?.[name];
    if (!offered) throw new Error("nbtrack: this JupyterLab shares no " + name);
    modules[name] = (await offered[newest(Object.keys(offered))].get())();
  }
  const module = { exports: {} };
  run(module, module.exports, (name) => modules[name], base);
  return module.exports;
}
(globalThis._JUPYTERLAB ??= {})[${JSON.stringify(name)}] = {
  init(shareScope) { scope = shareScope; },
  async get(path) {
    if (path === "./style") return () => ({});
    const exports = await (loaded ??= load());
    return () => exports;
  },
};
})();
`;
}

/**
 * What is loaded when it is needed first, by name.
 * What several of them need stands in parts of its own, which they import from beside them.
 */
async function labChunks() {
  const { outputFiles } = await build({
    ...COMMON,
    entryPoints: LAB_CHUNKS,
    format: "esm",
    splitting: true,
    outdir: "chunks",
    chunkNames: "shared-[hash]",
    external: ["@jupyterlab/*", "@lumino/*"],
  });
  return new Map(outputFiles.map(({ path, text }) => [basename(path, ".js"), text]));
}

async function buildLab() {
  rmSync(LAB, { recursive: true, force: true });
  if (!existsSync(join(HERE, "src/lab/index.ts"))) {
    console.log("src/lab/index.ts is not there: no JupyterLab extension was built");
    return;
  }
  const name = "nbtrack-lab";
  const result = await build({
    ...COMMON,
    entryPoints: ["src/lab/index.ts"],
    format: "cjs",
    external: ["@jupyterlab/*", "@lumino/*"],
  });
  const [output] = Object.values(result.metafile.outputs);
  const shared = [...new Set(output.imports.filter((i) => i.external).map((i) => i.path))].sort();
  const wrapped = container(name, shared, result.outputFiles[0].text);
  const { code } = await transform(wrapped, { minify: true, charset: "utf8" });
  const text = LICENCE_NOTE + code;
  const chunks = await labChunks();
  const hash = createHash("sha256")
    .update([text, ...chunks.values()].join())
    .digest("hex")
    .slice(0, 20);
  const load = `static/remoteEntry.${hash}.js`;
  write(join(LAB, load), text);
  // Of the same name but for its beginning: that is how the container finds them.
  for (const [part, chunk] of chunks) {
    const file = part in LAB_CHUNKS ? `${part}.${hash}.js` : `${part}.js`;
    write(join(LAB, "static", file), LICENCE_NOTE + chunk);
  }
  write(join(LAB, "static", LICENCES), licences(result.metafile));
  const schema = join(HERE, "src/lab/schema");
  if (existsSync(schema)) cpSync(schema, join(LAB, "schemas", name), { recursive: true });
  const manifest = {
    name,
    version,
    description: "Runs of nbtrack in JupyterLab: the sidebar, run tabs and saved panels.",
    license: "Apache-2.0",
    jupyterlab: {
      extension: true,
      ...(existsSync(schema) ? { schemaDir: "schema" } : {}),
      _build: { load, extension: "./extension", style: "./style" },
    },
  };
  write(join(LAB, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

async function buildDev() {
  const result = await build({
    ...COMMON,
    minify: false,
    entryPoints: ["dev/page.ts"],
    format: "iife",
  });
  write(join(HERE, "dev/dist/page.js"), result.outputFiles[0].text);
}

const TARGETS = { panel: buildPanel, lab: buildLab, dev: buildDev };
const asked = process.argv.slice(2);
const unknown = asked.filter((target) => !(target in TARGETS));
if (unknown.length > 0) {
  console.error(`build.mjs knows ${Object.keys(TARGETS).join(", ")}, not ${unknown.join(", ")}`);
  process.exit(2);
}
for (const target of asked.length > 0 ? asked : ["panel", "lab"]) await TARGETS[target]();
