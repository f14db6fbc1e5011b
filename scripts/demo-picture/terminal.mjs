// A program in a terminal of its own (a pty), which `script` of util-linux makes.
import { spawn } from "node:child_process";
import { ROOT } from "../site/project.mjs";

/**
 * @param {string[]} command
 * @param {{ columns: number, rows: number }} size of the terminal
 * @returns {Promise<{ code: number, output: string }>} all that it wrote, escape sequences included
 */
export function runInTerminal(command, { columns, rows }) {
  const quoted = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(" ");
  const line = `stty cols ${columns} rows ${rows} && exec ${quoted}`;
  return new Promise((done, failed) => {
    const child = spawn("script", ["--quiet", "--return", "--command", line, "/dev/null"], {
      cwd: ROOT,
      env: { ...process.env, TERM: "xterm-256color" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
    child.once("error", failed);
    child.once("close", (code) => done({ code: code ?? -1, output }));
  });
}
