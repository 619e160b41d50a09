/**
 * Builds the tracker.
 *
 *     node build.js pages [DIR]   what Footfall serves; DIR is ../src/footfall/tracker
 *     node build.js package       what is published, in dist
 *     node build.js tests         the unit tests as Node runs them, in .build
 */

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const LAZY = ["errors", "forms", "scroll", "time", "video", "vitals"];

const common = {
  absWorkingDir: here,
  bundle: true,
  charset: "utf8",
  legalComments: "inline",
  logLevel: "warning",
  minify: true,
  target: "es2020",
};

/**
 * What only one file sees may have short names, and so may what only files of the core say to each other, where no object
 * of the browser has the same name; what they say to their parts and to pages keeps its own.
 */
const short = { mangleProps: /^_|^(adopt|forget|know|nudge|owner|retry|settle|texts|unstore)$/ };

/**
 * Around the script for pages: nothing of it is global, and it loads its parts from beside itself. It must say from where,
 * since import() in a script of another origin knows no place to start from. (esbuild's own wrapping brings more.)
 */
const HEAD = `(()=>{"use strict";const $at=document.currentScript?.src||location.href,\
$get=n=>import(new URL("footfall/"+n,$at).href);`;

async function pages(folder) {
  await rm(folder, { force: true, recursive: true });
  await mkdir(join(folder, "footfall"), { recursive: true });
  const names = Object.fromEntries(await Promise.all(LAZY.map(async (lazy) => [`./${lazy}`, await chunk(folder, lazy)])));
  const apart = {
    name: "parts are files of their own",
    setup: ({ onResolve }) =>
      onResolve({ filter: /./ }, ({ kind, path }) =>
        kind === "dynamic-import" ? { external: true, path: names[path] } : undefined,
      ),
  };
  const { outputFiles } = await build({
    ...common, ...short, entryPoints: ["src/script.ts"], format: "esm", plugins: [apart], write: false,
  });
  const text = outputFiles[0].text.trim().replaceAll("import(", "$get(");
  await writeFile(join(folder, "footfall.js"), `${HEAD}${text}})();\n`);
}

/** Build a file that is loaded when it is needed, and say its name. */
async function chunk(folder, lazy) {
  const { outputFiles } = await build({
    ...common, ...short,
    entryPoints: [`src/captures/${lazy}.ts`], format: "esm", write: false,
  });
  const { contents } = outputFiles[0];
  const name = `${lazy}-${createHash("sha256").update(contents).digest("hex").slice(0, 8)}.js`;
  await writeFile(join(folder, "footfall", name), contents);
  return name;
}

async function packaged() {
  await rm(join(here, "dist"), { force: true, recursive: true });
  await build({
    ...common, ...short,
    entryPoints: ["src/index.ts"], format: "esm", outdir: "dist", splitting: true, chunkNames: "[name]-[hash]",
  });
}

async function tests() {
  const entryPoints = (await readdir(join(here, "test"))).filter((name) => name.endsWith(".test.ts")).map((name) => `test/${name}`);
  await rm(join(here, ".build"), { force: true, recursive: true });
  await build({
    ...common,
    entryPoints, format: "esm", minify: false, outdir: ".build/test", outExtension: { ".js": ".mjs" }, platform: "node",
    sourcemap: "inline", target: "node18",
  });
}

const [what, folder = join(here, "..", "src", "footfall", "tracker")] = process.argv.slice(2);
if (what === "pages") await pages(folder);
else if (what === "package") await packaged();
else if (what === "tests") await tests();
else throw new Error("say what to build: pages, package or tests");
