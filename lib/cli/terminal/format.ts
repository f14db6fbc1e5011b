/** Numbers and tables as text. Pure. */

/** Milliseconds with three significant digits or all before the point: "0.85 ms", "24.3 ms", "1,520 ms". */
export function formatMs(ms: number): string {
  return `${formatFigure(ms)} ms`;
}

/** A figure with three significant digits, or all before the point. */
export function formatFigure(value: number): string {
  const size = Math.abs(value);
  const digits = size < 10 ? 2 : size < 100 ? 1 : 0;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Seconds from milliseconds: "1.31 s". */
export function formatSeconds(ms: number): string {
  return `${formatFigure(ms / 1000)} s`;
}

/** "1 token", "12 tokens", "8,192 tokens". */
export function formatCount(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

/** "512 B", "94.6 MB", "24.7 GB": powers of 1000, as disks and downloads are counted. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 ? String(bytes) : formatFigure(value)} ${units[step]}`;
}

/** Lines of two columns, indented by two; lines of a value after its first stand under it. */
export function formatTable(rows: ReadonlyArray<readonly [string, string]>): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.flatMap(([name, value]) =>
    value.split("\n").map((line, index) => `  ${(index === 0 ? name : "").padEnd(width)}  ${line}`.trimEnd()),
  );
}

/**
 * Text that cannot command a terminal: what a model writes may hold escape sequences. Keeps line ends and tabs.
 */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}
