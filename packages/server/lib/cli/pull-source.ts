/** Downloads the model that a server was asked for, before it listens; what is done goes to its log. */
import { untilSignal } from "openvino-llm/internal";
import { pullModel, type PullEvent } from "openvino-llm/models";
import type { Logger } from "pino";

/** Between two lines about how far it is. */
const PROGRESS_MS = 10_000;

/**
 * @returns false where a signal ended it; what has come stays for the next time
 * @throws (by rejection) what `pullModel()` throws
 */
export async function pullSource(name: string, log: Logger): Promise<boolean> {
  const onProgress = pullLog(name, log);
  const interrupted = "what has come stays, and the same command goes on from there";
  const display = { end: () => undefined, interrupted };
  const pulled = await untilSignal((signal) => pullModel(name, { onProgress, signal }), display);
  return pulled !== null;
}

function pullLog(name: string, log: Logger): (event: PullEvent) => void {
  let reportedMs = performance.now();
  return (event) => {
    switch (event.type) {
      case "plan": {
        const { sizeBytes, missingBytes, license, dir } = event.plan;
        return log.info({ model: name, sizeBytes, missingBytes, license, dir }, "downloading the model");
      }
      case "progress": {
        if (performance.now() - reportedMs < PROGRESS_MS) return undefined;
        reportedMs = performance.now();
        const { receivedBytes, totalBytes, secondsLeft } = event;
        return log.info({ model: name, receivedBytes, totalBytes, secondsLeft }, "downloading");
      }
      case "retry":
        return log.warn({ model: name, pauseMs: event.pauseMs }, event.reason);
      case "wait":
        return log.info({ model: name }, "another process downloads the same model; waiting for it");
      case "file":
        return log.info({ model: name, path: event.path, sizeBytes: event.sizeBytes }, "a file is there");
      case "step":
        return log.info({ model: name }, event.step);
    }
  };
}
