/** A generation on its way to the addon. */
import type { NativeGrammar } from "./native-tokenizer.js";

/** One entry of GenAI's generation config: its key, the C++ type of its field, and a value of that type. */
export interface NativeConfigEntry {
  readonly key: string;
  readonly kind: "size" | "int64" | "float" | "boolean" | "idSet" | "stopCriteria";
  readonly value: number | boolean | number[];
}

/** An input as the addon takes it. */
export type NativeInput =
  | {
      readonly kind: "chat";
      /** What the chat template gave. */
      readonly text: string;
      /** Stands within what of the content must not become a special token; empty: nothing is escaped. */
      readonly contentSentinel: string;
    }
  | { readonly kind: "text"; readonly text: string }
  /** A copy; the addon widens the ids to 64 bits. */
  | { readonly kind: "ids"; readonly ids: Int32Array };

/** One generation as the addon takes it: validated, with every default resolved. */
export interface NativeRequest {
  /** Unique in its pipeline, above zero. */
  id: number;
  prompt: NativeInput;
  config: NativeConfigEntry[];
  /** Clamped by the worker to what `totalTokens` leaves. */
  maxNewTokens: number;
  /** Prompt and answer together at most; 0 for no limit. */
  totalTokens: number;
  stopStrings: string[];
  includeStopStrInOutput: boolean;
  /** Token ids that end the generation; none where EOS is ignored. */
  endTokenIds: number[];
  /** Somebody reads the tokens as they come; else they come in batches, at the latest before the end. */
  tokensAwaited: boolean;
  /** Lower comes first. */
  priority: number;
  /** Special tokens whose text stays in the answer's. Default none. */
  delimiters?: readonly string[];
  /** What the answer must be. Default anything. */
  grammar?: NativeGrammar;
  /** One for each adapter of an LLMPipeline, in the order of the load. Default none. */
  adapterAlphas?: number[];
}
