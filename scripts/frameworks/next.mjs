// Next.js: a route that streams, from the standalone server that the build has traced.

const route = `import { LLMPipeline } from "openvino-llm";
export const dynamic = "force-dynamic";
let loading;
export async function GET(request) {
  try {
    loading ??= LLMPipeline.load(process.env.MODEL);
    const llm = await loading;
    const encoder = new TextEncoder();
    const bytes = new TransformStream({
      transform: ({ text }, controller) => controller.enqueue(encoder.encode(text)),
    });
    return new Response(llm.stream("hello", { signal: request.signal }).toReadableStream().pipeThrough(bytes));
  } catch (error) {
    return new Response(\`\${error.code ?? error.name} \${error.message}\`);
  }
}
`;

const config = (serverExternalPackages, traced) => `export default {
  output: "standalone",
  outputFileTracingRoot: import.meta.dirname,
  serverExternalPackages: ${JSON.stringify(serverExternalPackages)},
  outputFileTracingIncludes: ${JSON.stringify(traced.length === 0 ? {} : { "/api": traced })},
};
`;

/** Starts the server, a standalone one outside the app's folder, whose packages it must not find, and asks the route. */
const ask = `import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
const folder = await mkdtemp(join(tmpdir(), "openvino-llm-standalone-"));
const isStandalone = existsSync(".next/standalone");
if (isStandalone) await cp(".next/standalone", folder, { recursive: true, verbatimSymlinks: true });
const port = process.argv[2];
const server = spawn(process.execPath, isStandalone ? ["server.js"] : ["node_modules/next/dist/bin/next", "start"], {
  cwd: isStandalone ? folder : process.cwd(), env: { ...process.env, PORT: port, HOSTNAME: "127.0.0.1" }, stdio: ["ignore", "pipe", "inherit"],
});
try {
  for await (const line of createInterface({ input: server.stdout })) if (/Ready/.test(line)) break;
  const response = await fetch(\`http://127.0.0.1:\${port}/api\`);
  for await (const piece of response.body) process.stdout.write(piece);
} finally {
  server.kill();
  await rm(folder, { recursive: true, force: true });
}
`;

const PREBUILDS = "node_modules/openvino-llm/prebuilds/**";
const LIBRARIES = "node_modules/openvino-llm-runtime-linux-x64/**";
const build = (name, bundler) =>
  `cp ${name}.config next.config.mjs && rm -rf .next && next build ${bundler} >log 2>&1 && node ask.mjs 38471 || cat log`;

/** @type {import("./framework.mjs").Framework[]} */
export const next = [
  {
    name: "next",
    packages: { next: "16.4.6", react: "19.3.1", "react-dom": "19.3.1" },
    files: {
      "app/api/route.js": route,
      "app/layout.js": "export default ({ children }) => <html><body>{children}</body></html>;",
      "app/page.js": "export default () => <p>app</p>;",
      "ask.mjs": ask,
      "whole.config": config(["openvino-llm"], [PREBUILDS, LIBRARIES]),
      "beside.config": config(["openvino-llm"], []).replace('"standalone"', "undefined"),
      "untraced.config": config(["openvino-llm"], []),
      "bundled.config": config([], []),
    },
    trials: [
      {
        what: "serverExternalPackages and outputFileTracingIncludes, Turbopack",
        command: build("whole", "--turbopack"),
      },
      {
        what: "serverExternalPackages and outputFileTracingIncludes, webpack",
        command: build("whole", "--webpack"),
      },
      { what: "serverExternalPackages, without output: standalone", command: build("beside", "--turbopack") },
      {
        what: "serverExternalPackages alone, output: standalone",
        command: build("untraced", "--turbopack"),
        fails: "ERR_(ADDON|RUNTIME)_NOT_FOUND",
      },
      { what: "bundled", command: build("bundled", "--turbopack"), fails: "ERR_(ADDON|RUNTIME)_NOT_FOUND" },
    ],
  },
];
