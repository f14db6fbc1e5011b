/** One way to use the library in a framework. */
export interface Trial {
  /** What the app has to set, in the words of the framework. */
  what: string;
  /** For sh, in the app's folder, with what its packages put into node_modules/.bin. */
  command: string;
  /** What it prints where it is not to work, as a regular expression. */
  fails?: string;
}

export interface Framework {
  name: string;
  /** Beside the library, of exactly these versions. */
  packages: Record<string, string>;
  files: Record<string, string>;
  trials: Trial[];
}
