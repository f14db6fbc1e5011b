// Progress of a long command on stderr: silent for what takes less than a second.

const SHOW_AFTER_MS = 1000;
/** How often the line is written again: on a terminal, where it is overwritten, and elsewhere, where it adds up. */
const TTY_EVERY_MS = 250;
const PLAIN_EVERY_MS = 20_000;

/**
 * Runs `work` and, when it takes more than a second, shows the title with the elapsed seconds.
 * On a terminal one line is rewritten; elsewhere plain lines are printed.
 * @template T
 * @param {string} title
 * @param {(detail: (text: string) => void) => Promise<T>} work is handed a function that says what is happening now
 * @param {NodeJS.WriteStream} [out]
 * @returns {Promise<T>}
 */
export async function withProgress(title, work, out = process.stderr) {
  const start = Date.now();
  const seconds = (digits) => `${((Date.now() - start) / 1000).toFixed(digits)} s`;
  let detail = "";
  let lastPlain = 0;
  const show = () => {
    const elapsed = Date.now() - start;
    if (elapsed < SHOW_AFTER_MS) return;
    if (out.isTTY) {
      const line = `${title}  ${seconds(0)}${detail ? `  ${detail}` : ""}`;
      out.write(`\r\x1b[K${line.slice(0, (out.columns ?? 80) - 1)}`);
    } else if (lastPlain === 0 || Date.now() - lastPlain >= PLAIN_EVERY_MS) {
      out.write(
        lastPlain === 0 ? `${title} ...\n` : `${title} ... ${seconds(0)}${detail ? ` (${detail})` : ""}\n`,
      );
      lastPlain = Date.now();
    }
  };
  const timer = setInterval(show, TTY_EVERY_MS);
  try {
    const result = await work((text) => {
      detail = text.trim();
    });
    finish("done in");
    return result;
  } catch (error) {
    finish("failed after");
    throw error;
  } finally {
    clearInterval(timer);
  }

  function finish(words) {
    if (Date.now() - start < SHOW_AFTER_MS) return;
    out.write(`${out.isTTY ? "\r\x1b[K" : ""}${title}: ${words} ${seconds(1)}\n`);
  }
}

/**
 * Lets a script end with exit code 1 and says why: the error's message, and what the tool behind it said; no stack for what
 * is not a bug.
 */
export function failWith(error, out = process.stderr) {
  process.exitCode = 1;
  out.write(`${error.message}\n`);
  const said = error.cause instanceof Error ? error.cause.message : "";
  if (said && !error.message.includes(said)) {
    const lines = said.split("\n");
    for (const line of lines.slice(-20)) out.write(`    ${line}\n`);
  }
}
