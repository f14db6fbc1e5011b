// How the scripts run other programs: gathering what they print, or letting it through. Needs no package.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Runs a tool and gathers what it prints.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void }} [options] `cwd`: default the
 *   repository's root; `onLine` receives each piece's last line
 * @returns {Promise<{ code: number, output: string }>} code -1 where it could not be started or a signal ended it
 */
export function runTool(command, args, { cwd = root, env = process.env, onLine } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
        const line = stripVTControlCharacters(text).trim().split("\n").at(-1);
        if (line) onLine?.(line);
      });
    }
    child.once("error", (error) => done({ code: -1, output: error.message }));
    child.once("close", (code, signal) => {
      const ending = signal === null ? "" : `\nIt was ended by ${signal}.`;
      done({ code: code ?? -1, output: stripVTControlCharacters(output).trim() + ending });
    });
  });
}

/**
 * Runs npm as {@link runTool} runs a tool: the npm that runs this script, else that on PATH.
 * @param {string[]} args
 * @param {Parameters<typeof runTool>[2]} [options]
 */
export function runNpm(args, options) {
  const cli = process.env.npm_execpath;
  return cli?.endsWith(".js")
    ? runTool(process.execPath, [cli, ...args], options)
    : runTool("npm", args, options);
}

/**
 * Runs a program on this process's own terminal, input and output. Rejects where it cannot be started.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options] `cwd`: default the repository's root
 * @returns {Promise<number>} its exit code; 128 and the signal's number where a signal ended it, as in a shell
 */
export async function showTool(command, args, { cwd = root, env = process.env } = {}) {
  // An interrupt reaches the whole process group; the program ends first and says so by its exit code.
  const ignore = () => undefined;
  process.on("SIGINT", ignore);
  try {
    const child = spawn(command, args, { cwd, env, stdio: "inherit" });
    return await new Promise((done, failed) => {
      child.once("error", failed);
      child.once("close", (code, signal) => done(code ?? 128 + (constants.signals[signal] ?? 0)));
    });
  } finally {
    process.off("SIGINT", ignore);
  }
}
