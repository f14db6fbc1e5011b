import type { VllmResult } from "../measure/vllm-result.js";

/** A table of runs in vLLM's form, a line for each, with the names of the columns in the first one (RFC 4180). */
export function resultsCsv(results: readonly VllmResult[]): string {
  const rows = results.map((result) => new Map(Object.entries(result).filter(isSingle)));
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const lines = rows.map((row) => columns.map((column) => cell(row.get(column) ?? null)));
  return [columns, ...lines].map((cells) => `${cells.join(",")}\r\n`).join("");
}

type Single = string | number | null;

/** Lists, one value for each request, have no place in a line. */
function isSingle(entry: [string, unknown]): entry is [string, Single] {
  const [, value] = entry;
  return typeof value === "string" || typeof value === "number" || value === null;
}

function cell(value: Single): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
