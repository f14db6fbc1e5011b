/**
 * Whether a share of all requests keeps its limits, looked at while requests end. Bounds are Clopper and Pearson's; each
 * look has a part of the error that is allowed in all, so that looking often decides nothing. Pure.
 */
import { atLeast, atMost } from "../stats/binomial.js";

/** What is shown: the share is reached, it is not, or neither yet. */
export type ShareState = "holds" | "fails" | "open";

/** The test of one load. */
export class ShareTest {
  /** Requests after which a share can be shown at the first time: where all of them were good. */
  readonly firstLook: number;
  readonly #share: number;
  readonly #error: number;
  #n = 0;
  #good = 0;
  #state: ShareState = "open";
  #failLooks = 0;
  #holdLooks = 0;

  /**
   * @param share - above 0, below 1
   * @param error - of either decision, over all looks: 0 to 1
   * @param least - requests that the share is shown by, even where fewer would do
   */
  constructor(share: number, error: number, least = 1) {
    this.#share = share;
    this.#error = error;
    this.firstLook = Math.max(least, Math.ceil(Math.log(error / 2) / Math.log(share)));
  }

  get state(): ShareState {
    return this.#state;
  }

  get n(): number {
    return this.#n;
  }

  /** Takes the next request. What is decided stays so. */
  add(isGood: boolean): ShareState {
    this.#n += 1;
    if (isGood) this.#good += 1;
    if (this.#state !== "open") return this.#state;
    // That it fails shows early: after 1, 2, 4, 8 … requests.
    if (this.#n === 2 ** this.#failLooks) {
      this.#failLooks += 1;
      const error = this.#error / (this.#failLooks * (this.#failLooks + 1));
      if (atMost(this.#good, this.#n, this.#share) <= error) this.#state = "fails";
    }
    if (this.#n === this.firstLook * 2 ** this.#holdLooks) {
      this.#holdLooks += 1;
      if (atLeast(this.#good, this.#n, this.#share) <= this.#error / 2 ** this.#holdLooks)
        this.#state = "holds";
    }
    return this.#state;
  }
}
