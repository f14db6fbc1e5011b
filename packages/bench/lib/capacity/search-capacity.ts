/**
 * Searches the highest load at which a share of the requests keeps its limits. Pure over a {@link CapacityEngine}.
 *
 * Finding and deciding are apart: few requests of each load, doubled and halved, name a candidate, which chance may have
 * favoured; then fresh requests decide on it, and on its neighbours until one holds and the next one fails.
 */
import { AbortError } from "openvino-llm";
import { percentile, sortedCopy } from "openvino-llm/internal";
import { clopperPearson } from "../stats/binomial.js";
import type { CapacityCurve, CapacityPoint, LoadKind } from "./capacity-report.js";
import { ShareTest, type ShareState } from "./share-test.js";

/** What came of one request. */
export interface CapacityOutcome {
  /** It kept all service levels. */
  readonly isGood: boolean;
  /** Null where it failed. */
  readonly ttftMs: number | null;
  /** Null where it failed, or has a single token. */
  readonly tpotMs: number | null;
}

/** Runs loads. */
export interface CapacityEngine {
  /** Milliseconds of a clock that the budget is counted by. */
  nowMs(): number;

  /**
   * Runs a load until so many requests have ended, or `goOn` says no. It is asked with each request that has ended, in the
   * order in which they were sent (those that end first are the fast ones), and now and then with none.
   *
   * @throws (by rejection) AbortError, and where nothing is answered at all
   */
  run(
    kind: LoadKind,
    load: number,
    requests: number,
    goOn: (outcome: CapacityOutcome | null) => boolean,
  ): Promise<void>;
}

/** The loads of a search, ascending. */
export interface LoadSpace {
  readonly kind: LoadKind;
  /** The load of an index from 0 to `last`. */
  loadAt(index: number): number;
  readonly last: number;
  /** Where the search begins. */
  readonly start: number;
  /** Requests of a first look at a load. */
  screenRequests(load: number): number;
}

/** What is asked, and for how long. */
export interface CapacitySearchOptions {
  readonly share: number;
  /** When it ends, by the engine's clock. */
  readonly endMs: number;
  readonly onEvent?: ((event: CapacityEvent) => void) | undefined;
}

/** What happens on the way. */
export interface CapacityEvent {
  /** "request": one has ended. "screened": a first look at a load has ended. "decided": it was decided, or left open. */
  readonly type: "request" | "screened" | "decided";
  /** Which kind of load. */
  readonly kind: LoadKind;
  /** Users, or requests per second. */
  readonly load: number;
  /** Requests of this look so far. */
  readonly requests: number;
  /** Those of them that kept all service levels. */
  readonly good: number;
  /** Of "decided": what is shown. */
  readonly state: ShareState;
  /** Until the budget is used up. */
  readonly remainingMs: number;
}

/** The error of all decisions of a search together, in either direction. */
export const CAPACITY_ERROR = 0.05;
/** So many times the first look's requests at most: what is still open then lies at the share itself. */
const MAX_LOOKS = 4;

/** Searches within a budget. An abort ends it with what is known. */
export async function searchCapacity(
  engine: CapacityEngine,
  space: LoadSpace,
  options: CapacitySearchOptions,
): Promise<CapacityCurve> {
  const search = new CapacitySearch(engine, space, options);
  try {
    return search.curve(await search.run());
  } catch (error) {
    if (!(error instanceof AbortError)) throw error;
    return search.curve("interrupted");
  }
}

/** Everything that was seen of a load. */
interface Seen {
  readonly outcomes: CapacityOutcome[];
  durationMs: number;
  /** The first look: null before it has ended. */
  looksGood: boolean | null;
  state: ShareState;
}

class CapacitySearch {
  readonly #engine: CapacityEngine;
  readonly #space: LoadSpace;
  readonly #options: CapacitySearchOptions;
  /** By index. */
  readonly #seen = new Map<number, Seen>();
  #decisions = 0;

  constructor(engine: CapacityEngine, space: LoadSpace, options: CapacitySearchOptions) {
    this.#engine = engine;
    this.#space = space;
    this.#options = options;
  }

  async run(): Promise<"decided" | "budget"> {
    const candidate = await this.#find();
    return candidate === null ? "budget" : await this.#decideAround(candidate);
  }

  curve(end: CapacityCurve["end"]): CapacityCurve {
    const indexes = [...this.#seen.keys()].toSorted((a, b) => a - b);
    const withState = (state: ShareState) =>
      indexes.filter((index) => this.#seen.get(index)?.state === state);
    const highest = withState("holds").at(-1) ?? -1;
    const failing = withState("fails").find((index) => index > highest);
    const open = withState("open").findLast((index) => {
      return index > highest && index < (failing ?? Infinity) && this.#seen.get(index)?.looksGood === true;
    });
    const loadOf = (index: number | undefined) => (index === undefined ? null : this.#space.loadAt(index));
    return {
      kind: this.#space.kind,
      highest: highest < 0 ? 0 : this.#space.loadAt(highest),
      failing: loadOf(failing),
      open: loadOf(open),
      end,
      points: indexes.flatMap((index) => this.#pointOf(index)),
    };
  }

  /** The highest load that looks good, -1 where none does; null where the time is up before. */
  async #find(): Promise<number | null> {
    const { start, last } = this.#space;
    let [low, high] = [-1, last + 1];
    let [index, step] = [start, 1];
    let isUpwards: boolean | null = null;
    while (high - low > 1) {
      if (this.#isOver()) return null;
      const isGood = await this.#screen(index);
      if (isGood === null) return null;
      if (isGood) low = Math.max(low, index);
      else high = Math.min(high, index);
      isUpwards ??= isGood;
      const isTurned = isUpwards !== isGood || (isUpwards ? high <= last : low >= 0);
      if (isTurned || high - low <= 2) index = Math.floor((low + high) / 2);
      else index = isUpwards ? Math.min(last, index + step) : Math.max(0, index - step);
      step *= 2;
    }
    return low;
  }

  /** Null where the time was up before it could be seen. */
  async #screen(index: number): Promise<boolean | null> {
    const requests = this.#space.screenRequests(this.#space.loadAt(index));
    // One may be bad by chance.
    const allowed = Math.max(1, (1 - this.#options.share) * requests);
    let [n, bad] = [0, 0];
    const isSeen = () => n >= requests || bad > allowed;
    await this.#runLoad(index, requests, ({ isGood }) => {
      n += 1;
      if (!isGood) bad += 1;
      this.#emit("request", index, n, n - bad);
      return !isSeen();
    });
    if (!isSeen()) return null;
    const seen = this.#seenOf(index);
    seen.looksGood = bad <= allowed;
    this.#emit("screened", index, n, n - bad);
    return seen.looksGood;
  }

  /** From the candidate on, in steps that double, until one holds and the next one does not. */
  async #decideAround(candidate: number): Promise<"decided" | "budget"> {
    const { last } = this.#space;
    let [low, high] = [-1, last + 1];
    let [index, step] = [Math.max(0, candidate), 1];
    while (high - low > 1) {
      if (this.#isOver()) return "budget";
      // One that stays open lies at the share itself; one below it may hold.
      if ((await this.#decide(index)) === "holds") low = index;
      else high = index;
      if (low >= 0 && high <= last) index = Math.floor((low + high) / 2);
      else index = low < 0 ? Math.max(0, high - step) : Math.min(last, low + step);
      step *= 2;
    }
    return high > last || this.#seen.get(high)?.state === "fails" ? "decided" : "budget";
  }

  async #decide(index: number): Promise<ShareState> {
    // All decisions together may be wrong so often.
    this.#decisions += 1;
    const error = CAPACITY_ERROR / (this.#decisions * (this.#decisions + 1));
    const least = this.#space.screenRequests(this.#space.loadAt(index));
    const test = new ShareTest(this.#options.share, error, least);
    const seen = this.#seenOf(index);
    let good = 0;
    for (let look = 0; look < MAX_LOOKS && test.state === "open" && !this.#isOver(); look++) {
      const requests = test.firstLook * 2 ** look - test.n;
      await this.#runLoad(index, requests, ({ isGood }) => {
        seen.state = test.add(isGood);
        if (isGood) good += 1;
        this.#emit("request", index, test.n, good);
        return seen.state === "open";
      });
    }
    seen.looksGood ??= test.n > 0 && good >= this.#options.share * test.n;
    this.#emit("decided", index, test.n, good);
    return seen.state;
  }

  async #runLoad(
    index: number,
    requests: number,
    onOutcome: (outcome: CapacityOutcome) => boolean,
  ): Promise<void> {
    const seen = this.#seenOf(index);
    const [startMs, before] = [this.#engine.nowMs(), seen.durationMs];
    let isGoingOn = true;
    try {
      await this.#engine.run(this.#space.kind, this.#space.loadAt(index), requests, (outcome) => {
        if (!isGoingOn) return false;
        if (outcome !== null) {
          seen.outcomes.push(outcome);
          isGoingOn = onOutcome(outcome);
        }
        isGoingOn &&= !this.#isOver();
        return isGoingOn;
      });
    } finally {
      seen.durationMs = before + this.#engine.nowMs() - startMs;
    }
  }

  #pointOf(index: number): CapacityPoint[] {
    const { outcomes, durationMs, state } = this.#seenOf(index);
    if (outcomes.length === 0) return [];
    const good = outcomes.filter(({ isGood }) => isGood).length;
    const keptBy = (pick: (outcome: CapacityOutcome) => number | null) => {
      const values = outcomes.flatMap((outcome) => pick(outcome) ?? []);
      return values.length === 0 ? null : percentile(sortedCopy(values), 100 * this.#options.share);
    };
    return [
      {
        load: this.#space.loadAt(index),
        requests: outcomes.length,
        good,
        interval: clopperPearson(good, outcomes.length),
        state,
        ttftMs: keptBy(({ ttftMs }) => ttftMs),
        tpotMs: keptBy(({ tpotMs }) => tpotMs),
        requestsPerSecond: durationMs > 0 ? (1000 * outcomes.length) / durationMs : 0,
      },
    ];
  }

  #seenOf(index: number): Seen {
    const known = this.#seen.get(index);
    if (known !== undefined) return known;
    const seen: Seen = { outcomes: [], durationMs: 0, looksGood: null, state: "open" };
    this.#seen.set(index, seen);
    return seen;
  }

  #isOver(): boolean {
    return this.#engine.nowMs() >= this.#options.endMs;
  }

  #emit(type: CapacityEvent["type"], index: number, requests: number, good: number): void {
    this.#options.onEvent?.({
      type,
      kind: this.#space.kind,
      load: this.#space.loadAt(index),
      requests,
      good,
      state: this.#seenOf(index).state,
      remainingMs: Math.max(0, this.#options.endMs - this.#engine.nowMs()),
    });
  }
}
