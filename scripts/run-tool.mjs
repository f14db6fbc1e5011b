import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

/**
 * Runs a tool in the repository's root and gathers what it prints.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, onLine?: (line: string) => void }} [options] `onLine` hears each piece's last line
 * @returns {Promise<{ code: number, output: string }>} code -1 where it could not be started or a signal ended it
 */
export function runTool(command, args, { env = process.env, onLine } = {}) {
  return new Promise((done) => {
    const cwd = dirname(dirname(fileURLToPath(import.meta.url)));
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
