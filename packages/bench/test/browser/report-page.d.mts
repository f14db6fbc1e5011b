import type { Chromium } from "../../../../test/helpers/chromium.mjs";

/** What is seen of a page. Sizes in CSS pixels. */
export interface PageSeen {
  readonly title: string;
  readonly background: string;
  readonly scripts: number;
  /** Those that are shown at this width. */
  readonly charts: ReadonlyArray<{
    readonly name: string | null;
    readonly role: string | null;
    readonly width: number;
    readonly height: number;
    readonly texts: number;
    readonly smallestText: number;
  }>;
  /** Texts of a chart that lie on each other, and those that reach beyond its edge. */
  readonly textOverlaps: readonly string[];
  readonly clippedTexts: readonly string[];
  /** Texts of a chart that a curve, a bar, a point or a line runs through. */
  readonly crossedTexts: readonly string[];
  /** Curves, bars, points and lines of all charts. */
  readonly marks: number;
  /** Cells of tables whose content reaches into the next one. */
  readonly overflowingCells: readonly string[];
  /** Names of the tables that are seen before anything is opened. */
  readonly shownTables: ReadonlyArray<string | null>;
  /** Tables that have to be scrolled sideways, when all are opened. */
  readonly wideTables: number;
  /** Those that do not say so, and those that say so in vain. */
  readonly wronglyHinted: ReadonlyArray<string | null>;
  /** Neighbours on the page that lie on each other. */
  readonly blockOverlaps: readonly string[];
  readonly repeatedIds: readonly string[];
  readonly deadLinks: readonly string[];
  /** The page has to be scrolled sideways, or paper cuts it. */
  readonly isWiderThanWindow: boolean;
  /** What the console said, errors included. */
  readonly messages: readonly string[];
  /** Addresses beside that of the file. */
  readonly otherRequests: readonly string[];
}

export function visit(
  browser: Chromium,
  file: string,
  options: { readonly width: number; readonly colorScheme: "light" | "dark" },
): Promise<PageSeen>;
export function print(browser: Chromium, file: string): Promise<PageSeen & { readonly pdf: Uint8Array }>;
