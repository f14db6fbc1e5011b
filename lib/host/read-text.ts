import { readFileSync } from "node:fs";

/** Reads a text file of the system; null where it cannot be read. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
