/** With what was measured: each target's settings in a line, and tables that are folded. Pure. */
import type { ChosenProperty } from "openvino-llm";
import { environmentRows } from "./environment-rows.js";
import { flatten } from "./html/flatten.js";
import { markdownTable } from "./markdown-table.js";
import type { BenchSummary } from "../summary/summary.js";
import type { ServerFacts } from "../targets/server-facts.js";
import type { PrecisionHint, TargetFacts } from "../targets/target-facts.js";

/** How a target ran, in a line. */
export function settingsLine(facts: TargetFacts): string {
  return facts.engine === "http" && facts.server !== null ? serverLine(facts.server) : targetLine(facts);
}

function targetLine(facts: TargetFacts): string {
  const { model, engine, files, properties, scheduler, prefixCaching, precisions } = facts;
  const { profile, chosenProperties = [] } = facts;
  const hint = (asked: PrecisionHint | null) => (asked === null ? "the plugin's choice" : asked.value);
  const set = Object.entries(properties).map(([name, value]) => `${name}=${String(value)}`);
  const built = Object.entries(files?.runtimeOptions ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    `\`${model}\``,
    `engine ${engine}`,
    `weights ${files?.precision ?? "unknown"}`,
    `inference precision ${hint(precisions.inference)}`,
    `KV precision ${hint(precisions.kvCache)}`,
    `prefix caching ${prefixCaching === null ? "unknown" : prefixCaching ? "on" : "off"}`,
    ...(scheduler === null ? [] : [`${scheduler.maxNumBatchedTokens} batched tokens at most`]),
    `properties ${set.join(", ") || "none"}`,
    ...chosenTexts(chosenProperties),
    ...(profile === undefined ? [] : [`profile \`${profile.file}\` (${profile.objective})`]),
    ...(built.length === 0 ? [] : [`the model's own ${built.join(", ")}`]),
  ].join("; ");
}

/** "by default INFERENCE_PRECISION_HINT": which of the properties nobody asked for, and why they are there. */
function chosenTexts(chosen: readonly ChosenProperty[]): string[] {
  const reasons = [...new Set(chosen.map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const names = chosen.filter((property) => property.reason === reason).map(({ name }) => name);
    return `of them ${names.join(", ")}: ${reason}`;
  });
}

function serverLine(server: ServerFacts): string {
  const { servedModel, url, endpoint, software, version, model, prompts, leftOut } = server;
  const promptText = { tokenIds: "token ids", text: "words", dataset: "those of the dataset" }[prompts];
  return [
    `\`${servedModel}\` of ${url}`,
    `endpoint ${endpoint}`,
    `server ${[software, version].filter((part) => part !== null).join(" ") || "unknown"}`,
    ...(model === null || model.root === null ? [] : [`loaded from ${model.root}`]),
    `prompts ${promptText}`,
    ...(leftOut.length === 0 ? [] : [`without ${leftOut.join(", ")}, which it refuses`]),
  ].join("; ");
}

/** Machine, parameters of the benchmark, and where each model comes from. */
export function configuration({ environments, options, targets }: BenchSummary): string[] {
  const environment = environments.at(-1);
  return [
    ...folded("Machine", environment === undefined ? [] : environmentRows(environment)),
    ...folded("Parameters", flatRows(options)),
    ...manifestsOf(targets).flatMap(([model, manifest]) =>
      folded(`Manifest of ${model}`, flatRows(manifest)),
    ),
  ];
}

/** Where each model comes from, and what is known of its quality: one for all targets of a model. */
function manifestsOf(targets: readonly TargetFacts[]): Array<readonly [model: string, manifest: object]> {
  const manifests = new Map(targets.map(({ model, files }) => [model, files?.manifest ?? null]));
  return [...manifests].flatMap(([model, manifest]) =>
    manifest === null ? [] : [[model, manifest] as const],
  );
}

/** A table that opens where it is wanted. */
function folded(title: string, rows: ReadonlyArray<readonly string[]>): string[] {
  if (rows.length === 0) return [];
  const summary = title.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return [
    "<details>",
    `<summary>${summary}</summary>`,
    "",
    ...markdownTable(["", ""], rows),
    "",
    "</details>",
    "",
  ];
}

function flatRows(value: object): string[][] {
  return flatten(value).map((field) => [...field]);
}
