/** Models in the hub's cache, as a load needs them: all of one, or the error that says how to get the rest. */
import { basename, join } from "node:path";

import { OpenVinoLlmError } from "../../errors/errors.js";
import { filesIn, missingOf, type Snapshot } from "../../hub/find-snapshot.js";
import { hubNameText, type HubModelName } from "../../hub/model-name.js";
import { missingIrFiles } from "../ir/ir-files.js";

/** Small files beside the IR that change what a model says. One that its commit has must be there. */
const COMPANIONS: readonly string[] = [
  "config.json",
  "generation_config.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "chat_template.jinja",
  "chat_template.json",
];
/** What every export writes: where nothing lists a commit's files, it stands for them. */
const CERTAIN = "config.json";

/** The command that gets a model of the hub, for messages. */
export function pullCommand(name: HubModelName): string {
  return `npx openvino-llm models pull ${hubNameText(name)}`;
}

/**
 * Which GGUF file a name means: the one of its quantisation, or the only one.
 *
 * @returns its path, or null; and what the quantisations are called that one may choose from
 */
export function ggufsOf(
  { quant }: Pick<HubModelName, "quant">,
  paths: readonly string[],
): { readonly found: string | null; readonly choices: readonly string[] } {
  // A file in parts is none that can be loaded; and what belongs to images is no model of text.
  const whole = paths.filter(
    (path) =>
      /\.gguf$/i.test(path) && !/-\d{5}-of-\d{5}\.gguf$/i.test(path) && !/^mmproj/i.test(basename(path)),
  );
  const fitting = quant === null ? whole : whole.filter((path) => quantOf(path) === quant.toUpperCase());
  const [found = null, ...others] = fitting;
  return { found: others.length === 0 ? found : null, choices: [...new Set(whole.map(quantOf))].sort() };
}

/** `Q8_0` of `name-Q8_0.gguf`, `name.Q8_0.gguf` or `Q8_0.gguf`. */
function quantOf(path: string): string {
  const stem = basename(path).replace(/\.gguf$/i, "");
  return (
    /(?:^|[-.])((?:UD-)?(?:I?Q\d\w*|TQ\d\w*|MXFP\d\w*|B?F(?:16|32)))$/i.exec(stem)?.[1] ?? stem
  ).toUpperCase();
}

/** A model in the hub's cache that is whole. */
export type WholeHubModel =
  | { readonly kind: "ir"; readonly name: string; readonly dir: string }
  | { readonly kind: "gguf"; readonly name: string; readonly path: string };

/**
 * The model that a snapshot holds, of which `files` are needed.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` where something is missing, with the command that gets it
 */
export async function wholeModel(
  name: HubModelName,
  { dir, tree }: Snapshot,
  files: readonly string[],
): Promise<WholeHubModel> {
  const inTree = tree?.map(({ path }) => path);
  const present = await filesIn(dir);
  const holds = (file: string) => (inTree ?? present).includes(file) || present.includes(file);
  if (
    name.quant !== null ||
    (!holds("openvino_model.xml") && (inTree ?? present).some((path) => /\.gguf$/i.test(path)))
  ) {
    return wholeGguf(name, { dir, tree }, [...new Set([...present, ...(inTree ?? [])])]);
  }
  const companions = inTree === undefined ? [CERTAIN] : COMPANIONS.filter((file) => inTree.includes(file));
  const lacking = await missingIrFiles(dir, files);
  const missing = [...new Set([...lacking, ...(await missingOf({ dir, tree }, [...files, ...companions]))])];
  if (missing.length === 0) return { kind: "ir", name: name.id, dir };
  throw new OpenVinoLlmError(
    "ERR_MODEL_LOAD",
    `Expected ${hubNameText(name)} whole in ${dir} but ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing or ` +
      `cut off. Get the rest: ${pullCommand(name)}`,
  );
}

async function wholeGguf(
  name: HubModelName,
  snapshot: Pick<Snapshot, "dir" | "tree">,
  files: readonly string[],
): Promise<WholeHubModel> {
  const ggufs = files.filter((file) => /\.gguf$/i.test(file));
  const missing = await missingOf(snapshot, ggufs);
  const { found, choices } = ggufsOf(
    name,
    ggufs.filter((file) => !missing.includes(file)),
  );
  if (found !== null) {
    return { kind: "gguf", name: hubNameText(name), path: join(snapshot.dir, found) };
  }
  const has =
    choices.length === 0
      ? "it holds none"
      : `it holds ${choices.map((quant) => `${name.id}:${quant}`).join(", ")}`;
  throw new OpenVinoLlmError(
    "ERR_MODEL_LOAD",
    `Expected one GGUF file for ${hubNameText(name)} in ${snapshot.dir} but ${has}. Name one of them, or get one: ${pullCommand({ ...name, quant: name.quant ?? "Q8_0" })}`,
  );
}
