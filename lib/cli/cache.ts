import type { Command } from "commander";

import { cacheDir } from "../cache/cache.js";
import { cleanCache, listCache, type CacheEntry, type CleanedCache } from "../cache/contents.js";
import { formatBytes, formatCount, printable } from "./terminal/format.js";

interface Flags {
  readonly json?: boolean;
}

/** Adds `cache` and `cache clean`. Results go to stdout; errors go up. */
export function registerCache(program: Command): void {
  const cache = program.command("cache").description("show what the cache holds, and clean it");

  cache
    .command("list", { isDefault: true })
    .description("list what the cache holds: size, last use")
    .option("--json", "print it as JSON")
    .action(async (flags: Flags) => {
      const dir = cacheDir();
      const entries = await listCache();
      print(flags, { dir, entries }, cacheLines(dir, entries));
    });

  cache
    .command("clean")
    .description("remove downloads and what killed processes have left; models and the runtime stay")
    .option("--json", "print what was removed as JSON")
    .action(async (flags: Flags) => {
      const cleaned = await cleanCache();
      print(flags, cleaned, cleanedLines(cleaned));
    });
}

function print({ json = false }: Flags, value: unknown, lines: readonly string[]): void {
  process.stdout.write(
    json ? `${JSON.stringify(value, null, 2)}\n` : lines.map((line) => `${line}\n`).join(""),
  );
}

/** A line for each entry, the largest first: size, last use, place. */
export function cacheLines(dir: string, entries: readonly CacheEntry[]): string[] {
  const totalBytes = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const sizes = entries.map(({ sizeBytes }) => formatBytes(sizeBytes));
  const width = Math.max(0, ...sizes.map((size) => size.length));
  return [
    ...entries.map(({ folder, name, lastUsed, isUnfinished }, index) => {
      const day = lastUsed?.slice(0, 10) ?? "never used";
      const note = isUnfinished ? "  (unfinished)" : "";
      return `${(sizes[index] ?? "").padStart(width)}  ${day}  ${printable(`${folder}/${name}`)}${note}`;
    }),
    `${formatBytes(totalBytes)} in ${printable(dir)}`,
  ];
}

function cleanedLines({ removed, inUse, freedBytes }: CleanedCache): string[] {
  return [
    ...removed.map(({ path }) => `removed ${printable(path)}`),
    ...inUse.map(({ path }) => `in use ${printable(path)}`),
    `${formatBytes(freedBytes)} freed, ${formatCount(removed.length, "folder")} removed`,
  ];
}
