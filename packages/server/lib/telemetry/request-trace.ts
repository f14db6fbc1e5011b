/** Events of a request while it is answered, for whoever traces it. Texts are not among them. */
import type { CallOptions, GenerationResult } from "openvino-llm";

import type { ApiError } from "../errors/api-error.js";

export interface RequestTrace {
  /** The model that it found; for one that generates the options of its answers, one for each. */
  asked(model: string, answers: readonly CallOptions[], isStreamed: boolean): void;
  /**
   * One of its answers ended.
   *
   * @param hasOwnPrompt - whether its prompt counts: that of several answers counts once
   */
  answered(result: GenerationResult, hasOwnPrompt: boolean): void;
  /** A model for texts has read them. */
  readTokens(tokens: number): void;
  /**
   * It is over.
   *
   * @param status - HTTP's, as it was sent, or would have been to a client that is gone
   */
  end(status: number, error: ApiError | null): void;
}

/** Of a request that nobody traces. */
export const UNTRACED: RequestTrace = {
  asked: () => {},
  answered: () => {},
  readTokens: () => {},
  end: () => {},
};
