/** What a benchmark measures, raw: everything else is worked out from these. All of it is plain JSON. */

/** One request. Token stamps are milliseconds since it was sent, rounded to microseconds. */
export interface RequestRecord {
  /** Its number in the run, from 0, in the order of arrival. */
  readonly index: number;
  /** What a prefix cache would find the prompt by. */
  readonly prefixKey: string;
  /** Arrival → sent: the wait at the client's own limit of concurrency, which no latency contains. */
  readonly waitMs: number;
  /** Start of the run → sent. The clock of every latency starts here. */
  readonly sentMs: number;
  /** Start of the run → the client knows that it has ended. */
  readonly endedMs: number;
  /** Sent → taken by the engine; null where it is not known. */
  readonly queueMs: number | null;
  /** Tokens of the prompt, as the engine counts them. */
  readonly promptTokens: number;
  /** Tokens of the prompt as it was made; null where only the engine can count them. */
  readonly expectedPromptTokens: number | null;
  /** Tokens that were to come. */
  readonly expectedTokens: number;
  /** When the engine had each token. Tokens of one step share a stamp. A client of a server has no other stamps than those of arrival. */
  readonly producedMs: readonly number[];
  /** When each token had arrived at the client. */
  readonly deliveredMs: readonly number[];
  /** Tokens of the prompt that came out of a prefix cache; null where the engine does not report it. */
  readonly cachedTokens: number | null;
  /** What was generated. */
  readonly text: string;
  /** Why it failed; null where it did not. What came before the failure counts nowhere. */
  readonly error: string | null;
}

/** What else happened on the machine during a run. Shares are parts of all the machine's CPUs' time. */
export interface HostRecord {
  /** Delay of the client's event loop beyond its timer's period, in milliseconds. */
  readonly eventLoopDelayMs: {
    /** Over all samples. */
    readonly mean: number;
    /** The median. */
    readonly p50: number;
    /** 99th percentile. */
    readonly p99: number;
    /** The longest. */
    readonly max: number;
  };
  /** Part of the time that the client's event loop was busy. */
  readonly eventLoopUtilization: number;
  /** CPU time of the client's thread as a part of one CPU's; null where the system does not report it. */
  readonly clientCpuShare: number | null;
  /** CPU time of this process, inference included where it is in the process, as a part of all CPUs'. */
  readonly processCpuShare: number;
  /** CPU time of other processes; null where the system does not report it. */
  readonly othersCpuShare: number | null;
  /** Time that the host of a virtual machine gave to others; null where the system does not report it. */
  readonly stealShare: number | null;
  /** Resident memory of this process at the end. */
  readonly rssBytes: number;
}

/** What an engine says of itself at a moment of a run; GenAI refreshes it with each of its steps. */
export interface EngineSample {
  /** Since the start of the run. */
  readonly atMs: number;
  /** Requests inside the engine. */
  readonly running: number;
  /** Requests in the engine's own waiting queue. */
  readonly waiting: number;
  /** Part of the key-value cache that is in use, 0 to 100. */
  readonly cacheUsagePercent: number;
  /** Size of the key-value cache, in use or not. */
  readonly cacheSizeBytes: number;
  /** Requests in the last step. */
  readonly stepSequences: number;
  /** How long the last step took. */
  readonly stepMs: number;
}

/** Names a run in a benchmark. */
export interface RunKey {
  /** The label of the target in the plan. */
  readonly target: string;
  /** Requests in flight at most. */
  readonly concurrency: number;
  /** From 1. */
  readonly repeat: number;
}

/** One level of concurrency, measured once. */
export interface RunRecord extends RunKey {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** The first request arrived → all had ended. */
  readonly durationMs: number;
  /** Prefix keys of the prompts of the warm-up before it. */
  readonly warmupKeys: readonly string[];
  /** What client and machine did meanwhile. */
  readonly host: HostRecord;
  /** A few times a second, where the engine reports them; else none. */
  readonly samples: readonly EngineSample[];
  /** In the order of arrival. */
  readonly requests: readonly RequestRecord[];
}

/** Whether two keys name the same run. */
export function isSameRun(a: RunKey, b: RunKey): boolean {
  return a.target === b.target && a.concurrency === b.concurrency && a.repeat === b.repeat;
}

/** Milliseconds rounded to microseconds, which keeps files small. */
export function roundedMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
