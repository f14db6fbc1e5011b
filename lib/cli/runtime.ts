import type { Command } from "commander";

import { fetchRuntime } from "../runtime/fetch.js";
import { locateRuntime } from "../runtime/locate.js";
import type { ProgressEvent } from "../download/wheels.js";
import { untilSignal } from "./terminal/until-signal.js";

/** Adds `runtime fetch` and `runtime path`. Results go to stdout, progress to stderr; errors go up. */
export function registerRuntime(program: Command): void {
  const runtime = program.command("runtime").description("get the OpenVINO libraries and find them");

  runtime
    .command("fetch")
    .description(
      "download the pinned OpenVINO libraries into the cache (70 MB, with Python's pip), print their folder",
    )
    .action(async () => {
      const dir = await untilSignal((signal) => fetchRuntime({ onProgress: reportProgress, signal }));
      if (dir !== null) process.stdout.write(`${dir}\n`);
    });

  runtime
    .command("path")
    .description("print where the OpenVINO libraries are")
    .option("--json", "print all that is known about the place")
    .action((options: { json?: boolean }) => {
      const location = locateRuntime();
      process.stdout.write(options.json ? `${JSON.stringify(location, null, 2)}\n` : `${location.dir}\n`);
    });
}

function reportProgress({ step, detail }: ProgressEvent): void {
  process.stderr.write(detail === undefined ? `${step}\n` : `  ${detail}\n`);
}
