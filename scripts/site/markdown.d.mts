export function slugOf(heading: string): string;
export function anchorsOf(text: string): Set<string>;
export function relativeLinksOf(text: string): string[];
export function withLinks(text: string, change: (link: Link) => string): string;

/** A link or an image of a Markdown text. */
export interface Link {
  readonly isImage: boolean;
  /** What stands between the square brackets. */
  readonly text: string;
  readonly target: string;
  /** All of it, as it is written. */
  readonly whole: string;
}
