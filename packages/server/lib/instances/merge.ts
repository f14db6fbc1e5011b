/** Merges what several instances report of themselves into one answer. */
import { isJsonObject } from "openvino-llm/internal";

/** An instance's answer. */
export interface RankedText {
  readonly rank: number;
  readonly text: string;
}

/** Prometheus' texts: each figure's head once, its values with the label `engine`, as vLLM names its data-parallel ranks. */
export function mergeMetrics(answers: readonly RankedText[]): string {
  const figures = new Map<string, { head: string[]; values: string[] }>();
  for (const { rank, text } of answers) {
    let current: { head: string[]; values: string[] } | undefined;
    for (const line of text.split("\n")) {
      const [, name] = /^# (?:HELP|TYPE) (\S+)/.exec(line) ?? [];
      if (name !== undefined) {
        current = figures.get(name);
        if (current === undefined) figures.set(name, (current = { head: [], values: [] }));
        if (!current.head.includes(line)) current.head.push(line);
      } else if (line !== "") {
        current?.values.push(withEngine(line, rank));
      }
    }
  }
  return `${[...figures.values()].flatMap(({ head, values }) => [...head, ...values]).join("\n")}\n`;
}

function withEngine(line: string, rank: number): string {
  const label = `engine="${rank}"`;
  const name = /^[^\s{]+/.exec(line)?.[0] ?? "";
  const rest = line.slice(name.length);
  if (!rest.startsWith("{")) return `${name}{${label}}${rest}`;
  return `${name}{${label}${rest.startsWith("{}") ? "" : ","}${rest.slice(1)}`;
}

/** Loads: one entry for each instance, by its rank. */
export function mergeLoads(answers: readonly RankedText[]): string {
  const loads = answers.flatMap(({ rank, text }) => {
    const body: unknown = JSON.parse(text);
    const own = isJsonObject(body) && Array.isArray(body["loads"]) ? (body["loads"] as object[]) : [];
    return own.map((load) => ({ ...load, dp_rank: rank }));
  });
  return JSON.stringify({ timestamp: new Date().toISOString(), dp_rank_count: answers.length, loads });
}
