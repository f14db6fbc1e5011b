/** Makes targets of the models of a server. */
import { AbortError } from "openvino-llm";
import { outOfRange } from "openvino-llm/internal";
import { openLocalTarget, type OpenedTarget, type OpenTarget } from "../targets/open-target.js";
import type { ResolvedBenchOptions } from "../plan/bench-options.js";
import { longestRequest, type PlanTarget } from "../plan/plan.js";
import type { PromptSource } from "../prompts/prompts.js";
import type { TargetFacts } from "../targets/target-facts.js";
import { agreeOnRequest, type Refusal, type RequestVariant } from "./agree.js";
import { AnswerError } from "./answer-reader.js";
import { HttpClient, type HttpAccess } from "./client.js";
import { notAnswered } from "./not-answered.js";
import type { ResolvedHttpOptions } from "../plan/http-options.js";
import type { ResolvedServeOptions } from "../plan/serve-options.js";
import { promptForms, type PromptForms } from "./http-prompts.js";
import { optionalKeys } from "./request-body.js";
import { readServer, servedModelNames } from "./read-server.js";
import { startServer } from "./started-server.js";
import type { ServerFacts } from "../targets/server-facts.js";
import { failureText, HttpTarget } from "./http-target.js";

/**
 * Opens every target of a plan: those of a server over HTTP, the others in this process.
 *
 * @param access - who may use the server; it is in no plan and no folder
 */
export function targetOpener(access: HttpAccess = {}): OpenTarget {
  const openHttp = httpTargetOpener(access);
  return (target, options, signal) => (target.http ? openHttp : openLocalTarget)(target, options, signal);
}

/**
 * Opens models of the server that the options name, or of one that is started for each and stopped when it is closed. A few short requests find out what it takes: token ids or text, and
 * which keys.
 *
 * Requests and counts are those of vLLM's serving benchmark: greedy, `ignore_eos`, usage asked for; TTFT at the first chunk
 * that brings a token (a chunk that only opens a chat's answer brings none), ITL between chunks, tokens as the server's usage
 * counts them. Where it counts other than one token a chunk, the tokens are spread over the chunks evenly, so that
 * `producedMs` has a stamp for each; TTFT, TPOT and E2EL do not depend on how. Without usage each chunk is a token.
 *
 * @returns what throws, by rejection, an OpenVinoLlmError ERR_SERVER where none of them is answered or the server does not
 *   start, ERR_PACKAGE_NOT_FOUND where there is none to start, and a RangeError where the server says that the requests do
 *   not fit into the model's context
 */
export function httpTargetOpener(access: HttpAccess = {}): OpenTarget {
  return async (target, options, signal = new AbortController().signal) => {
    const { http, serve } = options;
    try {
      if (serve !== undefined) return await openStarted(target, options, serve, access, signal);
      if (http === null) throw outOfRange("options.http", "the URL of a server", http);
      return await openOnServer(target, options, http, access, signal);
    } catch (error) {
      if (signal.aborted) throw new AbortError("The benchmark was aborted.", signal.reason, undefined);
      throw error;
    }
  };
}

/** A model of a server that is started for it. */
async function openStarted(
  plan: PlanTarget,
  options: ResolvedBenchOptions,
  serve: ResolvedServeOptions,
  access: HttpAccess,
  signal: AbortSignal,
): Promise<OpenedTarget> {
  const server = await startServer(plan, options, serve, signal);
  try {
    const url = `${server.url}/v1`;
    const [servedModelName = null] = await servedModelNames(url, access, signal);
    const http = { url, endpoint: serve.endpoint, servedModelName, inProcess: true };
    const opened = await openOnServer(plan, options, http, access, signal);
    const close = async (): Promise<void> => {
      await opened.close();
      await server.stop();
    };
    return { ...opened, close };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function openOnServer(
  plan: PlanTarget,
  options: ResolvedBenchOptions,
  http: ResolvedHttpOptions,
  access: HttpAccess,
  signal: AbortSignal,
): Promise<OpenedTarget> {
  const client = new HttpClient(access);
  try {
    return await openByClient(client, plan, options, http, signal);
  } catch (error) {
    client.close();
    throw error;
  }
}

async function openByClient(
  client: HttpClient,
  plan: PlanTarget,
  options: ResolvedBenchOptions,
  http: ResolvedHttpOptions,
  signal: AbortSignal,
): Promise<OpenedTarget> {
  const { url, endpoint } = http;
  const servedModel = http.servedModelName ?? plan.model;
  const listing = await readServer(client, url, signal);
  const entry = listing.models?.find(({ id }) => id === servedModel) ?? null;
  checkLength(options, entry?.maxModelLength ?? null, servedModel);
  const forms = await promptForms(plan.model, http, options);
  const targetOf = ({ leftOut }: RequestVariant) =>
    new HttpTarget(client, url, { model: servedModel, endpoint, leftOut });
  const whole: RequestVariant = { prompts: forms.tokenIds === null ? "text" : "tokenIds", leftOut: [] };
  const agreed = await agreeOnRequest(whole, optionalKeys(endpoint), (one) =>
    attempt(targetOf(one), promptsOf(forms, one), options, signal),
  );
  if ("refusal" in agreed) {
    const reason = client.withoutSecrets(agreed.refusal.message);
    throw notAnswered({ url, endpoint, servedModel }, reason, listing.models);
  }
  const { variant } = agreed;
  const server: ServerFacts = {
    url,
    endpoint,
    servedModel,
    software: listing.software,
    version: listing.version,
    model: entry,
    prompts: options.dataset === "random" ? variant.prompts : "dataset",
    leftOut: variant.leftOut,
  };
  return {
    target: targetOf(variant),
    facts: factsOf(plan, server),
    prompts: promptsOf(forms, variant),
    close: () => Promise.resolve(client.close()),
  };
}

function promptsOf({ tokenIds, text }: PromptForms, { prompts }: RequestVariant): PromptSource {
  return prompts === "tokenIds" ? (tokenIds ?? text) : text;
}

/** Enough for a model that begins with tokens which are no text. */
const ATTEMPT_TOKENS = 16;
/** Less than a block of any prefix cache: what is measured later finds nothing of it. */
const ATTEMPT_PROMPT_TOKENS = 4;

async function attempt(
  target: HttpTarget,
  prompts: PromptSource,
  { outputLength }: ResolvedBenchOptions,
  signal: AbortSignal,
): Promise<Refusal | null> {
  const prompt = prompts.prompt(0, ATTEMPT_PROMPT_TOKENS);
  try {
    await target.ask({ prompt, outputLength: Math.min(ATTEMPT_TOKENS, outputLength) }, signal);
    return null;
  } catch (error) {
    signal.throwIfAborted();
    return { status: error instanceof AnswerError ? error.status : 0, message: failureText(error) };
  }
}

function checkLength(options: ResolvedBenchOptions, maxLength: number | null, model: string): void {
  const longest = longestRequest(options);
  if (options.dataset === "random" && maxLength !== null && longest > maxLength) {
    throw outOfRange(
      "inputLength and outputLength",
      `at most ${maxLength} tokens together (the limit of ${model} on the server)`,
      longest,
    );
  }
}

function factsOf({ label, model }: PlanTarget, server: ServerFacts): TargetFacts {
  return {
    label,
    model,
    engine: "http",
    stamps: "client",
    prefixCaching: null,
    loadMs: null,
    device: null,
    properties: {},
    precisions: { inference: null, kvCache: null },
    scheduler: null,
    generationConfig: null,
    files: null,
    rssBytes: null,
    inference: null,
    server,
  };
}
