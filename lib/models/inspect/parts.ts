import type { ExpertGeometry, ModelGeometry } from "./geometry.js";
import type { ModelFormat } from "./inspection.js";
import type { GraphFacts } from "./ir-facts.js";
import type { ChatTemplate, TokenizerFacts } from "./tokenizer-facts.js";
import type { StoredTensor } from "./weights.js";

/** What one kind of files has, before what all kinds have in common is added. */
export interface InspectedParts {
  readonly format: ModelFormat;
  readonly name: string;
  /** Names of the files that belong to the model, in its folder. */
  readonly fileNames: readonly string[];
  readonly architecture: string | null;
  readonly modelClass: string | null;
  readonly geometry: ModelGeometry;
  readonly experts: ExpertGeometry | null;
  readonly tensors: readonly StoredTensor[];
  readonly graph: GraphFacts | null;
  /** The precision of the cache that the model asks for; null where it leaves that to the plugin. */
  readonly cachePrecision: string | null;
  /** Numbers that a token adds to the cache, where the graph shows it. */
  readonly cacheElementsPerToken: number | null;
  readonly tokenizer: TokenizerFacts | null;
  readonly chatTemplate: ChatTemplate | null;
  readonly notes: readonly string[];
}
