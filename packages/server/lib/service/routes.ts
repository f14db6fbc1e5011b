/** Which paths there are. */
import { chatCompletions } from "../protocols/chat/chat-completions.js";
import { completions } from "../protocols/completions/completions.js";
import { embeddings } from "../protocols/embeddings/embeddings.js";
import { countTokens, messages } from "../protocols/messages/messages.js";
import { listModels, retrieveModel } from "../protocols/model-list/model-list.js";
import type { Operation } from "../protocols/operation.js";
import { rerank, rerankList } from "../protocols/rerank/rerank.js";
import { responses } from "../protocols/responses/responses.js";
import { loads, metrics, modelInfo, serverInfo, versionInfo } from "../protocols/server-info/server-info.js";
import { applyTemplate, detokenize, tokenize } from "../protocols/tokenizer/tokenizer-calls.js";

/** A call and the paths that lead to it. */
export interface Route {
  readonly method: "GET" | "POST";
  /** `{id}` at the end of one is all the rest. */
  readonly paths: readonly string[];
  readonly operation: Operation | ((id: string) => Operation);
  /** Needs no API key. */
  readonly isOpen?: true;
}

/** A path of the API, and its twin of OpenVINO Model Server. */
const api = (path: string): string[] => [`/v1${path}`, `/v3${path}`];

export const ROUTES: readonly Route[] = [
  { method: "GET", paths: api("/models"), operation: listModels },
  { method: "GET", paths: api("/models/{id}"), operation: retrieveModel },
  { method: "POST", paths: api("/chat/completions"), operation: chatCompletions },
  { method: "POST", paths: api("/completions"), operation: completions },
  { method: "POST", paths: api("/responses"), operation: responses },
  { method: "POST", paths: api("/messages"), operation: messages },
  { method: "POST", paths: api("/messages/count_tokens"), operation: countTokens },
  { method: "POST", paths: api("/embeddings"), operation: embeddings },
  { method: "POST", paths: api("/rerank"), operation: rerank },
  { method: "POST", paths: ["/rerank"], operation: rerankList },
  { method: "POST", paths: ["/tokenize", ...api("/tokenize")], operation: tokenize },
  { method: "POST", paths: ["/detokenize", ...api("/detokenize")], operation: detokenize },
  { method: "POST", paths: ["/apply-template"], operation: applyTemplate },
  { method: "GET", paths: ["/metrics"], operation: metrics, isOpen: true },
  { method: "GET", paths: ["/v1/loads"], operation: loads },
  { method: "GET", paths: ["/server_info", "/get_server_info"], operation: serverInfo },
  { method: "GET", paths: ["/model_info", "/get_model_info"], operation: modelInfo },
  { method: "GET", paths: ["/version"], operation: versionInfo },
];

/** What a path leads to: an operation, or the methods that it has. */
export type FoundRoute =
  { readonly operation: Operation; readonly isOpen: boolean } | { readonly methods: readonly string[] };

/** Null where there is no such path. */
export function findRoute(method: string, path: string): FoundRoute | null {
  const methods: string[] = [];
  for (const route of ROUTES) {
    const id = idIn(route.paths, path);
    if (id === null) continue;
    if (route.method !== method) {
      methods.push(route.method);
      continue;
    }
    const { operation, isOpen = false } = route;
    return { operation: typeof operation === "function" ? operation(id) : operation, isOpen };
  }
  return methods.length === 0 ? null : { methods };
}

/** The `{id}` of a path, "" for a path without one, null where it is none of these. Names of models may have slashes. */
function idIn(patterns: readonly string[], path: string): string | null {
  for (const pattern of patterns) {
    if (pattern === path) return "";
    if (!pattern.endsWith("{id}")) continue;
    const before = pattern.slice(0, -"{id}".length);
    if (!path.startsWith(before) || path.length === before.length) continue;
    try {
      return decodeURIComponent(path.slice(before.length));
    } catch {
      return null;
    }
  }
  return null;
}
