import { defineConfig } from "vitest/config";

// Everything is loaded relative to /app/<launch id>/ and nothing is inline: the page's policy
// allows scripts and styles of its own origin only.
export default defineConfig({
  base: "./",
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: { environment: "happy-dom", include: ["tests/**/*.test.{ts,tsx}"], env: { TZ: "UTC" } },
});
