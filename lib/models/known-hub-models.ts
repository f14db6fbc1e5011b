/** A model on the hub that is known to be of use here. */
export interface KnownHubModel {
  /** What `pullModel()` and `load()` take. */
  readonly name: string;
  /** Bytes of its repository, rounded, as the hub's own page has shown them; null where no page was seen that does. */
  readonly sizeBytes: number | null;
  /** As the model card, or that of the model which it was made from, names it; null where none was seen. */
  readonly license: string | null;
  /** The parser of its tool calls, by name; null where it was trained for none. */
  readonly toolCallParser: string | null;
  /** The parser of its reasoning, by name; null where it has none. */
  readonly reasoningParser: string | null;
  /** What one takes it for. */
  readonly goodFor: string;
}

const KNOWN_HUB_MODELS: readonly KnownHubModel[] = [
  {
    name: "OpenVINO/Phi-4-mini-instruct-int4-ov",
    sizeBytes: 2.39e9,
    license: "mit",
    toolCallParser: "phi4",
    reasoningParser: null,
    goodFor: "chat and tools on small machines; the article's dense model",
  },
  {
    name: "OpenVINO/Phi-4-mini-instruct-int8-ov",
    sizeBytes: 3.88e9,
    license: "mit",
    toolCallParser: "phi4",
    reasoningParser: null,
    goodFor: "the same nearer to its original, and for many requests at once",
  },
  {
    name: "OpenVINO/gpt-oss-20b-int4-ov",
    sizeBytes: 12e9,
    license: "apache-2.0",
    toolCallParser: "gpt-oss",
    reasoningParser: "gpt-oss",
    goodFor: "reasoning and tools with 16 GB of memory or more; the article's mixture of experts",
  },
  {
    name: "OpenVINO/gpt-oss-20b-int8-ov",
    sizeBytes: null,
    license: "apache-2.0",
    toolCallParser: "gpt-oss",
    reasoningParser: "gpt-oss",
    goodFor: "the same nearer to its original, with 24 GB of memory or more",
  },
  {
    name: "OpenVINO/Qwen3-14B-int8-ov",
    sizeBytes: null,
    license: "apache-2.0",
    toolCallParser: "hermes",
    reasoningParser: "qwen3",
    goodFor: "reasoning and tools in many languages, on large machines",
  },
  {
    name: "OpenVINO/Phi-3-mini-4k-instruct-int4-ov",
    sizeBytes: 2.16e9,
    license: "mit",
    toolCallParser: null,
    reasoningParser: null,
    goodFor: "short chats without tools",
  },
];

/** Models on the hub that are known to be of use here, those of the published benchmark first. The hub is not asked. */
export function knownHubModels(): readonly KnownHubModel[] {
  return KNOWN_HUB_MODELS;
}
