/** An npm registry on the loopback interface: verdaccio, pinned by a lock file, which hands on what it does not have. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { npmTools } from "../../scripts/tools.mjs";
import { npmCli } from "./npm.js";

const run = promisify(execFile);
const FILES = fileURLToPath(new URL("../packaging/registry", import.meta.url));

/** A running registry. */
export interface Registry {
  /** "http://127.0.0.1:12345/". */
  readonly url: string;
  /** What npm needs to publish there. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * Starts a registry of whose packages those named `openvino-llm*` are its own; all others come from the registry that npm
 * is configured to use.
 *
 * @param folder - an existing folder for its files
 */
export async function startRegistry(folder: string): Promise<Registry> {
  const npm = await npmCli();
  const { stdout: upstream } = await run(process.execPath, [npm, "config", "get", "registry"]);
  const config = join(folder, "config.yaml");
  // JSON is YAML.
  await writeFile(
    config,
    JSON.stringify({
      storage: join(folder, "storage"),
      uplinks: { upstream: { url: upstream.trim(), timeout: "60s" } },
      packages: {
        // Without an uplink: what it does not have of ours is not there.
        "openvino-llm*": { access: "$all", publish: "$all" },
        "**": { access: "$all", proxy: "upstream" },
      },
      auth: { htpasswd: { file: join(folder, "htpasswd"), max_users: -1 } },
      // npm sends a tarball as base64.
      max_body_size: "400mb",
      web: { enable: false },
      log: { type: "stdout", format: "json", level: "fatal" },
    }),
  );
  const serve = [join(FILES, "serve.cjs"), await npmTools(FILES), config];
  const child = spawn(process.execPath, serve, { stdio: ["pipe", "pipe", "inherit"], cwd: folder });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const [port] = (await Promise.race([
    once(lines, "line"),
    ended.then(([code]) => Promise.reject(new Error(`The registry ended with ${String(code)}.`))),
  ])) as [string];
  const url = `http://127.0.0.1:${port}/`;
  const userConfig = join(folder, "npmrc");
  // npm wants a token; anybody may publish here.
  await writeFile(userConfig, `${url.slice("http:".length)}:_authToken=none\n`);
  return {
    url,
    env: { npm_config_userconfig: userConfig, npm_config_registry: url },
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
