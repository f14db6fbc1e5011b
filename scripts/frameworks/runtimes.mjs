// Other programs than Node that run the app.
import { MAIN } from "./app-files.mjs";

const electronMain = `const { app } = require("electron");
app.disableHardwareAcceleration();
app.whenReady().then(async () => {
  const { LLMPipeline } = await import("openvino-llm");
  const llm = await LLMPipeline.load(process.env.MODEL);
  for await (const { text } of llm.stream("hello")) process.stdout.write(text);
  await llm.close();
}).catch((error) => console.log(error.code ?? error.name, error.message)).finally(() => app.quit());
`;

/** @type {import("./framework.mjs").Framework[]} */
export const runtimes = [
  {
    name: "bun",
    packages: { bun: "1.4.5" },
    files: { "main.js": MAIN },
    trials: [{ what: "as it is", command: "bun main.js" }],
  },
  {
    name: "deno",
    packages: { deno: "2.9.6" },
    files: { "main.js": MAIN },
    trials: [
      {
        what: "--allow-ffi --allow-read --allow-env --allow-sys",
        command: "deno run --no-prompt --allow-ffi --allow-read --allow-env --allow-sys main.js",
      },
      { what: "-A", command: "deno run -A main.js" },
    ],
  },
  {
    name: "electron",
    packages: { electron: "45.5.0" },
    files: { "main.cjs": electronMain },
    trials: [{ what: "main process", command: "xvfb-run -a electron --no-sandbox main.cjs" }],
  },
];
