/** What `models pull` prints. Pure. */
import type { PulledModel, PullEvent, PullPlan } from "../../models/pull/pull-events.js";
import { formatBytes, formatTable, printable } from "../terminal/format.js";
import type { Style } from "../terminal/style.js";

/** What is going to be downloaded, and whether it fits. */
export function planLines(plan: PullPlan, style: Style): string[] {
  const {
    id,
    commit,
    license,
    files,
    sizeBytes,
    missingBytes,
    freeDiskBytes,
    weightsBytes,
    freeMemoryBytes,
  } = plan;
  const present = missingBytes === sizeBytes ? "" : `, ${formatBytes(missingBytes)} to download`;
  const room = freeDiskBytes === null ? "" : `${formatBytes(freeDiskBytes)} free: `;
  const rows: Array<readonly [string, string]> = [
    ["Files", `${files.length}, ${formatBytes(sizeBytes)}${present}`],
    ["Licence", license ?? "the model card names none"],
    ["Disk", `${room}${freeDiskBytes !== null && freeDiskBytes < missingBytes ? "too little" : "enough"}`],
    ...(weightsBytes === 0 ? [] : [["Memory", memoryText(weightsBytes, freeMemoryBytes)] as const]),
    ["Folder", plan.dir],
  ];
  return [
    `${style.strong(printable(id))}  ${style.faint(commit)}`,
    ...formatTable(rows).map(printable),
    ...refusedLines(plan).map((line) => style.warning(printable(line))),
  ];
}

function memoryText(weightsBytes: number, freeMemoryBytes: number): string {
  const fits =
    weightsBytes <= freeMemoryBytes
      ? ""
      : ". It does not fit here; what is downloaded may serve another machine";
  return `the weights take ${formatBytes(weightsBytes)}, the key-value cache comes on top; ${formatBytes(freeMemoryBytes)} free${fits}`;
}

/** Lists of what Git keeps how, and pictures, are nobody's loss; code and pickles are listed. */
function refusedLines({ refused }: PullPlan): string[] {
  const listed = refused.filter(({ reason }) => reason !== "unknown").map(({ path }) => path);
  if (listed.length === 0) return [];
  const more = listed.length > 4 ? ` and ${listed.length - 4} more` : "";
  return [`  Not taken, because reading or loading it may run code: ${listed.slice(0, 4).join(", ")}${more}`];
}

/** "1.20 GB of 2.39 GB  48.1 MB/s  25 s left". */
export function progressText({
  receivedBytes,
  totalBytes,
  bytesPerSecond,
  secondsLeft,
}: Omit<PullEvent & { type: "progress" }, "type">): string {
  const left = secondsLeft === null ? "" : `  ${durationText(secondsLeft)} left`;
  return `${formatBytes(receivedBytes)} of ${formatBytes(totalBytes)}  ${formatBytes(bytesPerSecond)}/s${left}`;
}

/** "25 s", "12 min", "3 h 20 min". */
export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Where the model is now, and what to do with it. */
export function doneLines({ name, downloadedBytes, kind }: PulledModel, hasText: boolean): string[] {
  const came =
    downloadedBytes === 0
      ? "All of it was here, and its hashes are right."
      : "All files are here, and their hashes are right.";
  if (kind === "files") return [came];
  const command = hasText
    ? `npx openvino-llm generate -m ${name} "Why is the sky blue?"`
    : `npx openvino-llm models inspect ${name}`;
  return [...(downloadedBytes === null ? [] : [came]), `Try it: ${command}`];
}

/** A file that is there, a pause, or a process that is waited for. */
export function eventLine(event: PullEvent): string | null {
  switch (event.type) {
    case "file":
      return printable(`  ${event.path}  ${formatBytes(event.sizeBytes)}`);
    case "retry":
      return printable(`  ${event.reason}; again in ${durationText(event.pauseMs / 1000)}`);
    case "step":
      return event.detail === undefined ? event.step : `  ${event.detail}`;
    case "wait":
    case "plan":
    case "progress":
      return null;
  }
}
