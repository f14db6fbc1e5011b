import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { codeOf, OpenVinoLlmError } from "../../errors/errors.js";
import { isJsonObject, readJsonObject, type JsonObject } from "../files/json-file.js";
import { readIrGraph, type IrGraph } from "./ir-graph.js";

/** What is known of a model's tokenizer. Unknown figures are null. */
export interface TokenizerFacts {
  /** `BPE`, `Unigram`, `WordPiece`, `SentencePiece`, or the file's own name for it. */
  readonly kind: string | null;
  /** The file that has it; null for one inside a GGUF file. */
  readonly file: string | null;
  /** Entries of its vocabulary. The model may have more rows than that: ids above it have no text. */
  readonly vocabSize: number | null;
  /** What a sequence begins with. */
  readonly bosTokenId: number | null;
  /** What a sequence ends with. */
  readonly eosTokenId: number | null;
  /** What a sequence is filled up with. */
  readonly padTokenId: number | null;
}

/** How a chat becomes a prompt. */
export interface ChatTemplate {
  /** The template's text, in Jinja. */
  readonly text: string;
  /** The files that hold a template; the text is the first one's. */
  readonly files: readonly string[];
}

/** A tokenizer with its template. */
export interface TokenizerReading {
  readonly tokenizer: TokenizerFacts | null;
  readonly chatTemplate: ChatTemplate | null;
  /** What could not be read, as sentences. */
  readonly notes: readonly string[];
}

const IR_FILE = "openvino_tokenizer.xml";

/** Operations of OpenVINO Tokenizers that split text into tokens. */
const IR_KINDS: ReadonlyMap<string, string> = new Map([
  ["BPETokenizer", "BPE"],
  ["UnigramTokenizer", "Unigram"],
  ["WordpieceTokenizer", "WordPiece"],
  ["SentencepieceTokenizer", "SentencePiece"],
  ["TrieTokenizer", "Trie"],
]);

/** Reads what a folder holds of a tokenizer: OpenVINO's IR before the files of Hugging Face. */
export async function readTokenizer(dir: string): Promise<TokenizerReading> {
  const notes: string[] = [];
  const note = (error: unknown) => {
    notes.push(error instanceof Error ? error.message : String(error));
    return null;
  };
  const read = (file: string) => readJsonObject(join(dir, file)).catch(note);
  const graph = await readIrGraph(join(dir, IR_FILE)).catch((error: unknown) =>
    isMissing(error) ? null : note(error),
  );
  const [json, config, chat] = await Promise.all(
    ["tokenizer.json", "tokenizer_config.json", "chat_template.json"].map(read),
  );
  const jinja = await readFile(join(dir, "chat_template.jinja"), "utf8").catch(() => null);
  const templates = [
    [IR_FILE, graph?.info.get("chat_template")],
    ["chat_template.jinja", jinja],
    ["chat_template.json", templateIn(chat ?? null)],
    ["tokenizer_config.json", templateIn(config ?? null)],
  ].flatMap(([file, text]) => (typeof file === "string" && text ? [{ file, text }] : []));
  const [first] = templates;
  return {
    tokenizer: graph === null ? fromJson(json ?? null, config ?? null) : fromIr(graph),
    chatTemplate: first === undefined ? null : { text: first.text, files: templates.map(({ file }) => file) },
    notes,
  };
}

function fromIr({ main, info }: IrGraph): TokenizerFacts {
  const splitter = [...main.values()].find(({ type }) => IR_KINDS.has(type));
  // The first table of strings that goes into it is the vocabulary.
  const ports = [...(splitter?.inputs ?? [])].sort(([a], [b]) => a - b);
  const vocabulary = ports
    .map(([, source]) => main.get(source.operation)?.constant)
    .find((constant) => constant?.elementType === "i32");
  const id = (name: string) => {
    const value = Number(info.get(`${name}_token_id`) ?? "none");
    return Number.isSafeInteger(value) ? value : null;
  };
  return {
    kind: IR_KINDS.get(splitter?.type ?? "") ?? null,
    file: IR_FILE,
    vocabSize: vocabulary?.shape[0] ?? null,
    bosTokenId: id("bos"),
    eosTokenId: id("eos"),
    padTokenId: id("pad"),
  };
}

function fromJson(json: JsonObject | null, config: JsonObject | null): TokenizerFacts | null {
  if (json === null) return null;
  const model = isJsonObject(json["model"]) ? json["model"] : {};
  const added: unknown[] = Array.isArray(json["added_tokens"]) ? json["added_tokens"] : [];
  const vocabulary = vocabularyOf(model["vocab"]);
  for (const token of added) {
    if (isJsonObject(token) && typeof token["content"] === "string" && typeof token["id"] === "number") {
      vocabulary.set(token["content"], token["id"]);
    }
  }
  const id = (role: string) => vocabulary.get(textOf(config?.[`${role}_token`]) ?? "") ?? null;
  return {
    kind: typeof model["type"] === "string" ? model["type"] : null,
    file: "tokenizer.json",
    vocabSize: vocabulary.size === 0 ? null : vocabulary.size,
    bosTokenId: id("bos"),
    eosTokenId: id("eos"),
    padTokenId: id("pad"),
  };
}

/** A table from piece to id, or, for Unigram, a list of pieces with their scores. */
function vocabularyOf(vocab: unknown): Map<string, number> {
  if (Array.isArray(vocab)) {
    const entries: readonly unknown[] = vocab;
    return new Map(
      entries.flatMap((entry, id) => (Array.isArray(entry) ? [[String(entry[0]), id] as const] : [])),
    );
  }
  if (!isJsonObject(vocab)) return new Map();
  return new Map(
    Object.entries(vocab).flatMap(([piece, id]) => (typeof id === "number" ? [[piece, id] as const] : [])),
  );
}

/** A token stands there as its text, or as an object with settings. */
function textOf(token: unknown): string | null {
  if (typeof token === "string") return token;
  return isJsonObject(token) && typeof token["content"] === "string" ? token["content"] : null;
}

/** A template is a text, or a list of named ones, of which "default" is the one for chats. */
function templateIn(file: JsonObject | null): string | null {
  const template = file?.["chat_template"];
  if (typeof template === "string") return template;
  if (!Array.isArray(template)) return null;
  const named = template.filter(isJsonObject);
  const chosen = named.find(({ name }) => name === "default") ?? named[0];
  return typeof chosen?.["template"] === "string" ? chosen["template"] : null;
}

function isMissing(error: unknown): boolean {
  return error instanceof OpenVinoLlmError && codeOf(error.cause) === "ENOENT";
}
