/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** `npm run build` writes into the Python package, `npm run dev` asks a running server for its data. */
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/footfall/dashboard/built",
    emptyOutDir: true,
    assetsDir: "assets",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "^/(v1|login|logout|health|ready|footfall.js)": "http://127.0.0.1:8100" } },
  test: { include: ["src/**/*.test.{ts,tsx}"] },
});
