import type { Command } from "commander";

import { verifyModel, verifyModels, type VerifiedModel } from "../../models/store/verify.js";
import { EXIT_FAILURE } from "../terminal/failure.js";
import { formatBytes, formatCount, printable } from "../terminal/format.js";
import { withProgress } from "../terminal/progress.js";

interface Flags {
  readonly rehash?: boolean;
  readonly json?: boolean;
}

/** Adds `models verify`. Results go to stdout, progress to stderr; errors go up. */
export function registerVerify(models: Command): void {
  models
    .command("verify")
    .argument("[model]", "the name of a model, or a path; default: every model in the cache")
    .description(
      "compare the files of models with the hashes in their manifests; exit code 1 where one differs",
    )
    .option("--rehash", "read every file, also those whose hash is remembered")
    .option("--json", "print what was found as JSON")
    .action(async (model: string | undefined, { rehash, json = false }: Flags) => {
      const verified = await withProgress("Hashing", async () =>
        model === undefined ? verifyModels({ rehash }) : [await verifyModel(model, { rehash })],
      );
      const text = json ? JSON.stringify(verified, null, 2) : verified.flatMap(verifiedLines).join("\n");
      process.stdout.write(`${text}\n`);
      if (verified.some(({ status }) => status === "damaged")) process.exitCode = EXIT_FAILURE;
    });
}

/** A line for a model, and one for each of its files that differs. */
export function verifiedLines({ name, status, problems, fileCount, sizeBytes }: VerifiedModel): string[] {
  switch (status) {
    case "intact":
      return [
        printable(`${name}: ${formatCount(fileCount, "file")}, ${formatBytes(sizeBytes)}, as they were made`),
      ];
    case "unknown":
      return [printable(`${name}: no manifest that has hashes, so nothing to compare with`)];
    case "damaged":
      return [
        printable(`${name}: damaged. Fetch it again, or make it anew (prepare and synth take --overwrite)`),
        ...problems.map((problem) => printable(`  ${problem}`)),
      ];
  }
}
