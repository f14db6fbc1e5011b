/** The addon's `measureReadBandwidth`: what goes in and what comes out. */

export interface NativeReadBandwidthOptions {
  threads: number;
  /** Read in each pass, by all threads together. */
  bytes: number;
  /** Passes begin until so many are over. */
  milliseconds: number;
}

export interface NativeReadBandwidth {
  /** As asked for, rounded down to what the threads share evenly. */
  bytes: number;
  /** Of each pass, in their order; at least three. */
  bytesPerSecond: number[];
}
