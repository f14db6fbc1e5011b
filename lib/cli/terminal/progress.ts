/** Progress of what takes long, on stderr. What takes less than a second shows nothing. */

const SHOW_AFTER_MS = 1000;
const REDRAW_EVERY_MS = 250;

/** A running piece of work. */
export interface Progress {
  /** Says that it is over and takes the line away. Idempotent. */
  stop(): void;
}

/**
 * Shows the title and the seconds after a second: on a terminal in one line that is taken away at the end, elsewhere
 * as one plain line. Does not keep the process alive.
 */
export function startProgress(title: string, out: NodeJS.WriteStream = process.stderr): Progress {
  const startMs = performance.now();
  let isShown = false;
  const show = () => {
    if (!out.isTTY) {
      out.write(`${title} ...\n`);
      return stop();
    }
    isShown = true;
    const line = `${title}  ${Math.floor((performance.now() - startMs) / 1000)} s`;
    out.write(`\r\u001b[K${line.slice(0, Math.max(0, out.columns - 1))}`);
    timer = setTimeout(show, REDRAW_EVERY_MS).unref();
  };
  const stop = () => {
    clearTimeout(timer);
    if (isShown) out.write("\r\u001b[K");
    isShown = false;
  };
  let timer = setTimeout(show, SHOW_AFTER_MS).unref();
  return { stop };
}

/** Runs a piece of work with its progress shown. */
export async function withProgress<Value>(title: string, work: () => Promise<Value>): Promise<Value> {
  const progress = startProgress(title);
  try {
    return await work();
  } finally {
    progress.stop();
  }
}
