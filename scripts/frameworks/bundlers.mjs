// Bundlers: the library outside the bundle, and the error of an app that takes it in.
import { ADDON, MAIN } from "./app-files.mjs";

const rollupConfig = (external) => `import commonjs from "@rollup/plugin-commonjs";
import { nodeResolve } from "@rollup/plugin-node-resolve";
export default { input: "main.js", external: ${JSON.stringify(external)}, plugins: [nodeResolve(), commonjs()] };`;

const webpackConfig = (externals) => `export default {
  mode: "production", target: "node20", entry: "./main.js", externals: ${JSON.stringify(externals)},
  experiments: { outputModule: true }, output: { module: true, filename: "out.mjs" }, optimization: { minimize: false },
};`;

const webpackCommonJs = `module.exports = {
  mode: "production", target: "node20", entry: "./main.js", externals: { "openvino-llm": "commonjs openvino-llm" },
  output: { filename: "out.cjs" },
};`;

const viteConfig = (ssr) => `export default { ssr: ${JSON.stringify(ssr)}, build: { emptyOutDir: true } };`;

const ESBUILD = "esbuild main.js --bundle --platform=node --log-level=error";

/** @type {import("./framework.mjs").Framework[]} */
export const bundlers = [
  {
    name: "esbuild",
    packages: { esbuild: "0.28.2" },
    files: { "main.js": MAIN },
    trials: [
      {
        what: "--external:openvino-llm, ES module",
        command: `${ESBUILD} --format=esm --external:openvino-llm --outfile=out.mjs && node out.mjs`,
      },
      {
        what: "--external:openvino-llm, CommonJS",
        command: `${ESBUILD} --format=cjs --external:openvino-llm --outfile=out.cjs && node out.cjs`,
      },
      {
        what: "--packages=external",
        command: `${ESBUILD} --format=esm --packages=external --outfile=out.mjs && node out.mjs`,
      },
      {
        what: "bundled, ES module",
        command: `${ESBUILD} --format=esm --outfile=out.mjs && node out.mjs`,
        fails: "ERR_ADDON_NOT_FOUND",
      },
      {
        what: "bundled, CommonJS",
        command: `${ESBUILD} --format=cjs --outfile=out.cjs && node out.cjs`,
        fails: "ERR_(ADDON|RUNTIME)_NOT_FOUND",
      },
      {
        what: "bundled, ES module, OPENVINO_LLM_ADDON",
        command: `${ESBUILD} --format=esm --outfile=out.mjs && OPENVINO_LLM_ADDON=${ADDON} node out.mjs`,
      },
      {
        what: "bundled, CommonJS, OPENVINO_LLM_ADDON and OPENVINO_LLM_RUNTIME",
        command: `${ESBUILD} --format=cjs --outfile=out.cjs && OPENVINO_LLM_ADDON=${ADDON} OPENVINO_LLM_RUNTIME="$RUNTIME" node out.cjs`,
      },
    ],
  },
  {
    name: "rollup",
    packages: {
      rollup: "4.68.8",
      "@rollup/plugin-node-resolve": "16.0.3",
      "@rollup/plugin-commonjs": "29.0.3",
    },
    files: {
      "main.js": MAIN,
      "external.config.mjs": rollupConfig(["openvino-llm"]),
      "bundled.config.mjs": rollupConfig([]),
    },
    trials: [
      {
        what: 'external: ["openvino-llm"]',
        command: "rollup --silent -c external.config.mjs -d external && node external/main.js",
      },
      {
        what: "bundled",
        command: "rollup --silent -c bundled.config.mjs -d bundled && node bundled/main.js",
        fails: "ERR_ADDON_NOT_FOUND",
      },
      { what: "bundled, OPENVINO_LLM_ADDON", command: `OPENVINO_LLM_ADDON=${ADDON} node bundled/main.js` },
    ],
  },
  {
    name: "webpack",
    packages: { webpack: "5.113.0", "webpack-cli": "7.3.1" },
    files: {
      "main.js": MAIN,
      "module.config.mjs": webpackConfig({ "openvino-llm": "module openvino-llm" }),
      "commonjs.config.cjs": webpackCommonJs,
      "bundled.config.mjs": webpackConfig({}),
    },
    trials: [
      {
        what: 'externals: { "openvino-llm": "module openvino-llm" }',
        command: "webpack -c module.config.mjs >log && node dist/out.mjs || cat log",
      },
      {
        what: 'externals: { "openvino-llm": "commonjs openvino-llm" }',
        command: "webpack -c commonjs.config.cjs >log && node dist/out.cjs || cat log",
      },
      {
        what: "bundled",
        // It writes the paths of the build's machine into the bundle, so the packages are found there, and only there.
        command:
          "webpack -c bundled.config.mjs >log && mv node_modules away && node dist/out.mjs; mv away node_modules",
        fails: "ERR_ADDON_NOT_FOUND",
      },
      {
        what: "bundled, OPENVINO_LLM_ADDON and OPENVINO_LLM_RUNTIME",
        command: `mv node_modules away; OPENVINO_LLM_ADDON=${ADDON.replace("node_modules", "away")} OPENVINO_LLM_RUNTIME="$(echo "$RUNTIME" | sed s/node_modules/away/)" node dist/out.mjs; mv away node_modules`,
      },
    ],
  },
  {
    name: "vite",
    packages: { vite: "8.3.8" },
    files: {
      "main.js": MAIN,
      "plain.config.mjs": viteConfig({}),
      "external.config.mjs": viteConfig({ noExternal: true, external: ["openvino-llm"] }),
      "bundled.config.mjs": viteConfig({ noExternal: true }),
    },
    trials: [
      {
        what: "build.ssr as it is",
        command: "vite build -l error -c plain.config.mjs --ssr main.js && node dist/main.js",
      },
      {
        what: 'ssr.noExternal with ssr.external: ["openvino-llm"]',
        command: "vite build -l error -c external.config.mjs --ssr main.js && node dist/main.js",
      },
      {
        what: "ssr.noExternal",
        command: "vite build -l error -c bundled.config.mjs --ssr main.js && node dist/main.js",
        fails: "ERR_ADDON_NOT_FOUND",
      },
      {
        what: "ssr.noExternal, OPENVINO_LLM_ADDON",
        command: `OPENVINO_LLM_ADDON=${ADDON} node dist/main.js`,
      },
    ],
  },
];
