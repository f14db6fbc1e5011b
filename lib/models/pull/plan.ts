/** Which files of a model on the hub are taken, and whether they are any use here. Pure. */
import { OpenVinoLlmError } from "../../errors/errors.js";
import type { HubModel } from "../../hub/api.js";
import { hubNameText, type HubModelName } from "../../hub/model-name.js";
import type { HubFile } from "../../hub/tree.js";
import { GGUF_ARCHITECTURES } from "../gguf/gguf-check.js";
import { ggufsOf } from "../store/hub-model.js";
import { fitsOne } from "./glob.js";

/** Which files are wanted. */
export interface FilePatterns {
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}

/** What is taken of a model. */
export interface PullSelection {
  /** What it is: a folder with OpenVINO IR, a GGUF file, or just the files that were asked for. */
  readonly kind: "openvino" | "gguf" | "files";
  readonly files: readonly HubFile[];
  /** The files with weights among them: most of what comes, and of the memory that a load takes. */
  readonly weights: readonly HubFile[];
  readonly refused: readonly RefusedFile[];
}

/** A file that is not taken, whatever is asked for. */
export interface RefusedFile {
  /** Its path on the hub, with slashes. */
  readonly path: string;
  /** "code" for what may run (`.py`), "pickle" for what runs when it is read, "unknown" for what no rule calls data. */
  readonly reason: "code" | "pickle" | "unknown";
}

/** Names that stand for data which nothing runs. `.bin` is that of OpenVINO beside its `.xml`, and PyTorch's pickle else. */
const DATA =
  /\.(?:xml|json|jsonl|jinja|txt|md|model|gguf|safetensors|onnx|onnx_data|tiktoken|spm|vocab)$|(?:^|\/)(?:licen[cs]e|notice)[^/]*$/i;
const CODE = /\.(?:py|pyc|pyd|so|dll|sh|js|mjs|exe|ipynb)$/i;
const PICKLE = /\.(?:pt|pth|pkl|pickle|ckpt|bin|joblib|npy|npz|h5|keras)$/i;
const WEIGHTS = /\.(?:bin|gguf|safetensors|onnx|onnx_data)$/i;
/** What stands beside the weights of a model and is taken with them. */
const BESIDE = /^(?!.*\.(?:gguf|safetensors|onnx|onnx_data|xml|bin|index\.json)$)[^/]+$/i;

/**
 * Chooses the files.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` for a model that cannot be run here, with what to do instead;
 * `ERR_MODEL_NOT_FOUND` where no file is what was asked for
 */
export function selectFiles(
  name: HubModelName,
  { ggufArchitecture }: Pick<HubModel, "ggufArchitecture">,
  tree: readonly HubFile[],
  { include, exclude = [] }: FilePatterns,
): PullSelection {
  const paths = new Set(tree.map(({ path }) => path));
  const refused = tree.flatMap(({ path }) => reasonOf(path, paths) ?? []);
  const never = new Set(refused.map(({ path }) => path));
  const data = tree.filter(({ path }) => !never.has(path));
  if (include !== undefined && include.length > 0) {
    const wanted = data.filter(({ path }) => fitsOne(path, include) && !fitsOne(path, exclude));
    if (wanted.length === 0) throw nothingFits(name, include, refused);
    return {
      kind: "files",
      files: wanted,
      weights: wanted.filter(({ path }) => WEIGHTS.test(path)),
      refused,
    };
  }
  const { kind, weights, graphs } = chooseModel(name, ggufArchitecture, data, paths);
  const beside = data.filter(
    ({ path }) => BESIDE.test(path) && (kind === "openvino" || !path.endsWith(".json")),
  );
  const files = [...graphs, ...weights, ...beside].filter(({ path }) => !fitsOne(path, exclude));
  return { kind, files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)), weights, refused };
}

interface ChosenModel {
  readonly kind: "openvino" | "gguf";
  readonly weights: readonly HubFile[];
  readonly graphs: readonly HubFile[];
}

function chooseModel(
  name: HubModelName,
  architecture: string | null,
  data: readonly HubFile[],
  paths: ReadonlySet<string>,
): ChosenModel {
  if (name.quant === null && paths.has("openvino_model.xml")) {
    const lacking = NEEDED.filter((path) => !paths.has(path));
    if (lacking.length > 0)
      throw unusable(name, `has OpenVINO IR without ${lacking.join(", ")}`, prepareCure(name));
    // Files of other models in the same repository, as those of images, have other names or lie in folders.
    const ir = data.filter(({ path }) =>
      /^openvino_(?:model|tokenizer|detokenizer)\.(?:xml|bin)$/.test(path),
    );
    const weights = ir.filter(({ path }) => path === "openvino_model.bin");
    return { kind: "openvino", weights, graphs: ir.filter((file) => !weights.includes(file)) };
  }
  const ggufs = data.filter(({ path }) => /\.gguf$/i.test(path));
  if (ggufs.length === 0) throw otherKind(name, [...paths]);
  if (architecture !== null && !GGUF_ARCHITECTURES.includes(architecture)) {
    const cure = `GGUF files of ${GGUF_ARCHITECTURES.join(", ")} can be loaded. Look for the model as OpenVINO IR (https://huggingface.co/OpenVINO), or prepare the original one: npx openvino-llm models prepare ORG/NAME --weight-format int4`;
    throw unusable(name, `has GGUF files of the architecture ${architecture}`, cure);
  }
  return { kind: "gguf", weights: [oneGguf(name, ggufs)], graphs: [] };
}

/** What even a model needs that gives numbers and no text. */
const NEEDED = ["openvino_model.bin", "openvino_tokenizer.xml", "openvino_tokenizer.bin"];

function oneGguf(name: HubModelName, ggufs: readonly HubFile[]): HubFile {
  const { found, choices } = ggufsOf(
    name,
    ggufs.map(({ path }) => path),
  );
  const file = ggufs.find(({ path }) => path === found);
  if (file !== undefined) return file;
  if (choices.length === 0) {
    throw unusable(
      name,
      "has its GGUF files in parts",
      "Take one that is in one file, or merge the parts: llama-gguf-split --merge.",
    );
  }
  const commands = choices
    .slice(0, 20)
    .map((quant) => `${name.id}${name.revision === null ? "" : `@${name.revision}`}:${quant}`);
  throw new OpenVinoLlmError(
    "ERR_MODEL_NOT_FOUND",
    `Expected one GGUF file of ${name.id} but ${name.quant === null ? "it has several" : `none is called ${name.quant}`}. Name one: ${commands.join(", ")}`,
  );
}

function reasonOf(path: string, paths: ReadonlySet<string>): RefusedFile | null {
  // A list of what Git keeps how, and the like.
  if (/(?:^|\/)\.[^/]*$/.test(path)) return { path, reason: "unknown" };
  if (CODE.test(path)) return { path, reason: "code" };
  if (path.endsWith(".bin") && paths.has(path.replace(/\.bin$/, ".xml"))) return null;
  if (PICKLE.test(path)) return { path, reason: "pickle" };
  return DATA.test(path) ? null : { path, reason: "unknown" };
}

/** What else a repository may hold, by its files. */
function otherKind(name: HubModelName, paths: readonly string[]): OpenVinoLlmError {
  const has = (pattern: RegExp) => paths.some((path) => pattern.test(path));
  if (has(/(?:^|\/)openvino_\w+\.xml$/)) {
    const cure =
      "Models that read or write text alone can be loaded; take one of these, or choose other files with --include.";
    return unusable(name, "has OpenVINO IR of another kind (images, speech, or a part of a model)", cure);
  }
  if (has(/\.safetensors$/)) return unusable(name, "has a checkpoint (safetensors)", prepareCure(name));
  if (has(/\.(?:pt|pth|bin|ckpt)$/))
    return unusable(name, "has a PyTorch checkpoint, which runs code when it is read", prepareCure(name));
  if (has(/\.onnx$/))
    return unusable(name, "has ONNX, which is not loaded", prepareCure({ ...name, id: "ORG/ORIGINAL" }));
  return unusable(
    name,
    `has none of them (${paths.slice(0, 5).join(", ") || "no files"})`,
    "Check the name.",
  );
}

function unusable(name: HubModelName, what: string, cure: string): OpenVinoLlmError {
  return new OpenVinoLlmError(
    "ERR_MODEL_LOAD",
    `Expected OpenVINO IR or a GGUF file but ${hubNameText(name)} ${what}. ${cure}`,
  );
}

function prepareCure({ id }: HubModelName): string {
  return (
    "Look for it as OpenVINO IR (https://huggingface.co/OpenVINO), or convert it: " +
    `npm install openvino-llm-model-tools, then npx openvino-llm models prepare ${id} --weight-format int4`
  );
}

function nothingFits(
  name: HubModelName,
  include: readonly string[],
  refused: readonly RefusedFile[],
): OpenVinoLlmError {
  const isRefused = refused.some(({ path }) => fitsOne(path, include));
  const why = isRefused ? "only files that are never taken fit (code, pickles)" : "none fits";
  return new OpenVinoLlmError(
    "ERR_MODEL_NOT_FOUND",
    `Expected files of ${hubNameText(name)} that fit ${include.join(" or ")} but ${why}. Data is taken alone: IR, GGUF, ` +
      "safetensors, ONNX, JSON and text.",
  );
}
