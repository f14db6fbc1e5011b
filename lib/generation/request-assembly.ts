/** Converts a call's input and options to a native request, and decides how its answer is parsed. */
import { randomInt } from "node:crypto";

import { invalidArgType, outOfRange, readingFrom } from "../errors/errors.js";
import type { NativeRequest } from "../native/native-request.js";
import { alphasOf, refuseAdapters } from "../options/adapters.js";
import {
  resolveGenerationConfig,
  totalTokenLimit,
  type ResolvedGenerationConfig,
} from "../options/generation-config.js";
import type { GenerationOptions } from "../options/generation-options.js";
import type { Speculation } from "../options/generation-rules.js";
import type { ModelGenerationConfig } from "../options/model-generation-config.js";
import { endTokenIds, toNativeConfig } from "../options/native-config.js";
import { validateGenerationOptions } from "../options/validate-generation-options.js";
import { detectParsers, type DetectedParsers } from "../parsers/detect.js";
import { isTemplated, normalizeInput, type GenerationInput, type Prompt } from "../prompt/input.js";
import { toolsOfTemplate, type TemplateTools } from "../prompt/tool-prompt.js";
import { checkEndsByGrammar } from "../structured/format-grammar.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { planAnswer, type AnswerPlan } from "./answer-plan.js";
import type { TakenCallOptions } from "./call-options.js";
import type { LoadedModel } from "./generation-model.js";

/** GenAI's own default has no end; this is the longest that an answer may be where nothing else limits it. */
const MAX_NEW_TOKENS = 2 ** 31 - 1;

/** What a pipeline depends on GenAI's class for. */
export interface EngineKind {
  readonly engine: "pipeline" | "batching";
  /** Sequences that a request may have. */
  readonly maxSequences: number;
}

/** The loaded model, as requests are made for it. */
export interface RequestTarget {
  readonly kind: EngineKind;
  readonly model: LoadedModel;
  readonly tokenizer: Tokenizer;
  readonly speculation: Speculation;
  /** What the model's own generation_config.json says. */
  readonly modelConfig: ModelGenerationConfig;
  /** The pipeline's defaults, as its user gave them. */
  readonly defaults: GenerationOptions;
}

/** A request that can be submitted, and what its answer is read with. */
export interface AssembledRequest {
  readonly request: Omit<NativeRequest, "id" | "prompt">;
  /** Not yet rendered, where it is a chat. */
  readonly prompt: Prompt;
  readonly config: ResolvedGenerationConfig;
  readonly plan: AnswerPlan;
}

/** What a chat template shows. */
interface TemplateFacts {
  readonly text: string;
  readonly parsers: DetectedParsers;
  readonly tools: TemplateTools;
}

/** Makes the requests of one pipeline. */
export class RequestAssembly {
  readonly #target: RequestTarget;
  readonly #defaults: GenerationOptions;
  #template: TemplateFacts | undefined;

  /** @throws TypeError, RangeError for the pipeline's defaults */
  constructor(target: RequestTarget) {
    this.#target = target;
    this.#defaults = this.#validate(target.defaults, "generationConfig");
    this.generationConfig({});
  }

  /** The config that a call with these options runs with. */
  generationConfig(options: GenerationOptions): ResolvedGenerationConfig {
    return this.#resolve(this.#validate(options, "options"));
  }

  /** The prompt of a call, alone. */
  prompt(input: GenerationInput, taken: TakenCallOptions): Prompt {
    return this.#plan(input, taken).prompt;
  }

  /**
   * @param isStreamed the answer is wanted token by token, so it is one sequence
   * @throws TypeError, RangeError, OpenVinoLlmError as `stream()` does
   */
  assemble(input: GenerationInput, taken: TakenCallOptions, isStreamed: boolean): AssembledRequest {
    const { kind, model } = this.#target;
    const { priority, adapters, generationOptions } = taken;
    if (kind.engine === "batching") refuseAdapters("options.adapters", adapters);
    const adapterAlphas = alphasOf("options.adapters", adapters, model.adapters);
    const config = withSeed(this.generationConfig(generationOptions));
    const { plan, prompt } = this.#plan(input, taken);
    const { grammar, reading } = plan;
    if (grammar !== undefined) checkEndsByGrammar(config, this.#target.speculation);
    this.#checkSequences(config, isStreamed);
    const request = {
      config: toNativeConfig(config),
      maxNewTokens: config.maxNewTokens ?? MAX_NEW_TOKENS,
      totalTokens: totalTokenLimit(config, model.contextLength) ?? 0,
      stopStrings: [...config.stopStrings],
      includeStopStrInOutput: config.includeStopStrInOutput,
      endTokenIds: [...endTokenIds(config)],
      tokensAwaited: isStreamed,
      priority,
      adapterAlphas,
      ...(reading === undefined ? undefined : { delimiters: reading.delimiters }),
      ...(grammar === undefined ? undefined : { grammar }),
    };
    return { request, prompt, config, plan };
  }

  #checkSequences(config: ResolvedGenerationConfig, isStreamed: boolean): void {
    const { maxSequences } = this.#target.kind;
    const sequences = Math.max(config.numBeams, config.numReturnSequences);
    const name = config.numBeams > 1 ? "options.numBeams" : "options.numReturnSequences";
    if (isStreamed && sequences > 1) {
      throw invalidArgType(name, "1 in stream()", sequences, "Several sequences come only from generate().");
    }
    if (sequences > maxSequences) {
      throw outOfRange(name, `at most the scheduler's maxNumSeqs (${maxSequences})`, sequences);
    }
  }

  #validate(options: GenerationOptions, where: string): GenerationOptions {
    const { kind, model } = this.#target;
    return validateGenerationOptions(options, { vocabSize: model.vocabSize, engine: kind.engine, where });
  }

  #resolve(call: GenerationOptions): ResolvedGenerationConfig {
    const { model, modelConfig, speculation } = this.#target;
    return resolveGenerationConfig(
      { call, instance: this.#defaults, model: modelConfig },
      {
        contextLength: model.contextLength,
        vocabSize: model.vocabSize,
        speculation,
        where: { call: "options", instance: "generationConfig" },
      },
    );
  }

  /** Read once: a template of 17 kB takes a tenth of a millisecond. */
  #templateFacts(): TemplateFacts | null {
    const { chatTemplate: text, chatRefusals } = this.#target.tokenizer;
    if (text === null) return null;
    if (this.#template?.text !== text) {
      const refusesSystem = chatRefusals.some(({ chat }) => chat === "system message");
      this.#template = {
        text,
        parsers: detectParsers(text),
        tools: { ...toolsOfTemplate(text), refusesSystem },
      };
    }
    return this.#template;
  }

  /** What a call asks with, and how its answer is read. */
  #plan(
    input: GenerationInput,
    { answerOptions, extraContext, specialTokensInContent, extraRoles, generationOptions }: TakenCallOptions,
  ): { plan: AnswerPlan; prompt: Prompt } {
    // Not the resolved value: only an explicit option can conflict with a model that has no template.
    const applyChatTemplate = generationOptions.applyChatTemplate ?? this.#defaults.applyChatTemplate;
    const facts = this.#templateFacts();
    const context = {
      template: facts?.tools ?? null,
      escaper: this.#target.tokenizer.chats.escaper(),
      applyChatTemplate,
      vocabSize: this.#target.model.vocabSize,
      extraContext,
      specialTokensInContent,
      extraRoles,
    };
    const plan = planAnswer(
      answerOptions,
      facts !== null && readingFrom("input", () => isTemplated(input, context)) ? facts.parsers : null,
    );
    return { plan, prompt: normalizeInput(input, { ...context, tools: plan.promptTools }) };
  }
}

/** Seeds of GenAI's generator have 32 bits. */
const SEEDS = 2 ** 32;

/** With a seed where one is needed, and none was given. */
function withSeed(config: ResolvedGenerationConfig): ResolvedGenerationConfig {
  return config.doSample && config.rngSeed === null ? { ...config, rngSeed: randomInt(SEEDS) } : config;
}
