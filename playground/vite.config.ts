import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Writes `file.br` and `file.gz` beside every file that gets smaller by it: the server only hands them out. */
function precompressed(): Plugin {
  return {
    name: "precompressed",
    apply: "build",
    writeBundle(options, bundle) {
      for (const name of Object.keys(bundle)) {
        const path = join(options.dir ?? "dist", name);
        const plain = readFileSync(path);
        const brotli = brotliCompressSync(plain, {
          params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
        });
        const gzip = gzipSync(plain, { level: constants.Z_BEST_COMPRESSION });
        if (brotli.length < plain.length) writeFileSync(`${path}.br`, brotli);
        if (gzip.length < plain.length) writeFileSync(`${path}.gz`, gzip);
      }
    },
  };
}

export default defineConfig({
  base: "/playground/",
  plugins: [react(), precompressed()],
  resolve: {
    alias: [
      // All of the editor for some of it.
      {
        find: "monaco-editor/esm/vs/editor/edcore.main.js",
        replacement: resolve(import.meta.dirname, "src/graphiql/monaco.ts"),
      },
      {
        find: /^.*\/(diffEditor\/diffEditorWidget|multiDiffEditor\/multiDiffEditorWidget)\.js$/,
        replacement: resolve(import.meta.dirname, "src/graphiql/no-diff-editor.ts"),
      },
    ],
  },
  worker: { format: "es" },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // What is inlined as data: would need a looser policy for fonts and pictures on every page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 5000,
    rollupOptions: {
      input: {
        graphiql: resolve(import.meta.dirname, "index.html"),
        rest: resolve(import.meta.dirname, "rest.html"),
        films: resolve(import.meta.dirname, "films.html"),
      },
    },
  },
  server: {
    // `npm run dev` shows the pages as they are edited, over the filmgate at FILMGATE_URL.
    proxy: {
      "^/(v1|graphql|add_film|openapi.json|\\?|$)": {
        target: process.env.FILMGATE_URL ?? "http://127.0.0.1:3000",
        ws: true,
      },
    },
  },
});
