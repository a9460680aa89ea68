import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  // Examples import the package by its name, as its users do.
  resolve: {
    alias: [
      { find: /^fivetuple\/testing$/, replacement: source('testing/index.ts') },
      { find: /^fivetuple$/, replacement: source('index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    testTimeout: 120_000,
    pool: 'threads',
  },
});
