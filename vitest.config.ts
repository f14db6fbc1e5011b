import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

/** What the processes of native tests get beside this one's environment: a sanitizer (scripts/sanitizers.mjs). */
const nativeEnvironment = JSON.parse(process.env["OPENVINO_LLM_TEST_ENV"] ?? "{}") as Record<string, string>;

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The packages' sources meet the library's sources, not what was compiled of them. */
const alias = [
  { find: /^openvino-llm$/, replacement: source("lib/index.ts") },
  { find: /^openvino-llm\/internal$/, replacement: source("lib/internal.ts") },
  { find: /^openvino-llm\/(doctor|models)$/, replacement: source("lib/$1/index.ts") },
];

/** Each file has a process of its own. Native tests load models on all cores, so there are two at a time, and not more. */
export default defineConfig({
  resolve: { alias },
  test: {
    pool: "forks",
    restoreMocks: true,
    unstubEnvs: true,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts", "packages/*/test/unit/**/*.test.ts", "test/types/**/*.test.ts"],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "native",
          env: nativeEnvironment,
          include: [
            "test/native/**/*.test.ts",
            "packages/*/test/native/**/*.test.ts",
            "test/examples/**/*.test.ts",
            "test/robustness/**/*.test.ts",
            "test/model/**/*.test.ts",
          ],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["packages/*/test/browser/**/*.test.ts"],
          testTimeout: 60_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: "packaging",
          include: ["test/packaging/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
