/** A model that is served: its name, its engine, and how many requests it takes at once. */
import { createHash } from "node:crypto";

import type { CallOptions, ContinuousBatchingPipeline } from "openvino-llm";
import { queueFull } from "../errors/engine-error.js";
import { Gathering } from "./gathering.js";
import { ModelStats } from "./model-stats.js";

/** How many wait for a model. */
export interface QueueOptions {
  /** Requests that may wait, beside those that run: an integer from 0. Default 256. */
  readonly maxQueue?: number | undefined;
}

/** How a model that generates is served. */
export interface ServedModelOptions extends QueueOptions {
  /** How it writes tool calls: a name of `OUTPUT_PARSERS`, "auto" or "none". Default "auto": what its template shows. */
  readonly toolCallParser?: string | undefined;
  /** How it writes what it thinks, in the same way. Default "auto". */
  readonly reasoningParser?: string | undefined;
}

/** Of more than these the last would wait for minutes on a CPU. */
export const DEFAULT_MAX_QUEUE = 256;

/** A model that generates. */
export class ServedModel {
  /** What it is for, by the names of OpenVINO Model Server. */
  readonly task = "text_generation";
  /** What clients call it. */
  readonly name: string;
  /** The model. */
  readonly llm: ContinuousBatchingPipeline;
  /** When it was loaded, in seconds of Unix time. */
  readonly createdSeconds = Math.floor(Date.now() / 1000);
  /** The same for the same model under the same settings. */
  readonly fingerprint: string;
  /** Requests that run or wait at most. */
  readonly capacity: number;
  /** What was measured of its requests. @internal */
  readonly stats = new ModelStats();
  /** Options of each chat. @internal */
  readonly chatOptions: Pick<CallOptions, "toolCallParser" | "reasoningParser">;
  readonly #gathering = new Gathering();
  #admitted = 0;

  /** @internal */
  constructor(
    name: string,
    llm: ContinuousBatchingPipeline,
    { maxQueue, toolCallParser = "auto", reasoningParser = "auto" }: ServedModelOptions = {},
  ) {
    this.name = name;
    this.llm = llm;
    this.fingerprint = fingerprintOf(llm);
    this.chatOptions = { toolCallParser, reasoningParser };
    this.capacity = llm.schedulerConfig().maxNumSeqs + (maxQueue ?? DEFAULT_MAX_QUEUE);
  }

  /** The folder with its OpenVINO IR. */
  get root(): string {
    return this.llm.model.path;
  }

  /** Tokens of prompt and answer together; null where the model's files do not say. */
  get contextLength(): number | null {
    return this.llm.model.contextLength;
  }

  /** Requests that run or wait. */
  get admitted(): number {
    return this.#admitted;
  }

  /**
   * Takes requests in, before anything is done for them.
   *
   * @internal
   * @throws ApiError 429 where there is no room for all of them
   */
  admit(requests: number): void {
    if (this.#admitted + requests > this.capacity) {
      this.stats.refused += requests;
      throw queueFull();
    }
    this.#admitted += requests;
  }

  /** Waits, where the engine has nothing to do, for requests that arrive together with one. @internal */
  async gather(): Promise<void> {
    const { running, waiting } = this.llm.metrics();
    if (running + waiting === 0) await this.#gathering.join();
  }

  /** They are over. @internal */
  release(requests: number): void {
    this.#admitted -= requests;
  }
}

function fingerprintOf({ model, properties }: ContinuousBatchingPipeline): string {
  const settings = JSON.stringify([model.path, model.adapters, properties]);
  return `fp_${createHash("sha256").update(settings).digest("hex").slice(0, 10)}`;
}
