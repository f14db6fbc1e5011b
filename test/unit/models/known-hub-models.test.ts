import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parseHubName } from "../../../lib/hub/model-name.js";
import { knownHubModels, type KnownHubModel } from "../../../lib/models/known-hub-models.js";
import { OUTPUT_PARSERS } from "../../../lib/parsers/catalog.js";

test("each has a name of the hub, and parsers that there are", () => {
  const names = { tools: new Set<string>(), reasoning: new Set<string>() };
  for (const { kind, name } of OUTPUT_PARSERS) names[kind].add(name);
  for (const { name, toolCallParser, reasoningParser } of knownHubModels()) {
    expect(parseHubName(name)?.id).toBe(name);
    if (toolCallParser !== null) expect(names.tools).toContain(toolCallParser);
    if (reasoningParser !== null) expect(names.reasoning).toContain(reasoningParser);
  }
});

test("the first are those of the article", () => {
  expect(
    knownHubModels()
      .slice(0, 4)
      .map(({ name }) => name),
  ).toEqual([
    "OpenVINO/Phi-4-mini-instruct-int4-ov",
    "OpenVINO/Phi-4-mini-instruct-int8-ov",
    "OpenVINO/gpt-oss-20b-int4-ov",
    "OpenVINO/gpt-oss-20b-int8-ov",
  ]);
});

/** What docs/models.md says of a model: name, size, licence, parsers of tool calls and reasoning, what it is good for. */
const cellsOf = ({ name, sizeBytes, license, toolCallParser, reasoningParser, goodFor }: KnownHubModel) => [
  `\`${name}\``,
  sizeBytes === null ? "not known" : `${sizeBytes / 1e9} GB`,
  license ?? "not known",
  toolCallParser === null ? "none" : `\`${toolCallParser}\``,
  reasoningParser === null ? "none" : `\`${reasoningParser}\``,
  goodFor,
];

test("docs/models.md has the same list", async () => {
  const text = await readFile(new URL("../../../docs/models.md", import.meta.url), "utf8");
  const [, table = ""] = /<!-- known models -->\n+([^]*?)\n+<!-- end of known models -->/.exec(text) ?? [];
  const rows = table.split("\n").map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  expect(rows.slice(2)).toEqual(knownHubModels().map(cellsOf));
});
