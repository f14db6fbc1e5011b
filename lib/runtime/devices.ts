/**
 * The devices that a runtime has, by the files of their plugins.
 *
 * OpenVINO knows a fixed list of plugins. One that does not lie beside libopenvino it takes from the working folder, and
 * runs it. So a device without a plugin in the runtime must not be named to OpenVINO, and it must not be asked to look for
 * devices by itself.
 */

import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { OpenVinoLlmError } from "../errors/errors.js";
import type { RuntimeLocation } from "./locate.js";
import { RUNTIME_VERSION } from "./pins.js";

/** Devices that compute. */
const HARDWARE_PLUGINS: Readonly<Record<string, string>> = {
  CPU: "libopenvino_intel_cpu_plugin.so",
  GPU: "libopenvino_intel_gpu_plugin.so",
  NPU: "libopenvino_intel_npu_plugin.so",
};
/** Devices that hand a model on to others. */
const VIRTUAL_PLUGINS: Readonly<Record<string, string>> = {
  AUTO: "libopenvino_auto_plugin.so",
  BATCH: "libopenvino_auto_batch_plugin.so",
  HETERO: "libopenvino_hetero_plugin.so",
  MULTI: "libopenvino_auto_plugin.so",
};

/** Files of all plugins that OpenVINO knows. */
export const PLUGIN_FILES: ReadonlySet<string> = new Set([
  ...Object.values(HARDWARE_PLUGINS),
  ...Object.values(VIRTUAL_PLUGINS),
]);

/** What a runtime has plugins for. That there is such a device in the machine is not said. */
export interface RuntimeDevices {
  /** Devices that compute: "CPU", "GPU", "NPU". */
  readonly hardware: readonly string[];
  /** Devices that hand a model on to others: "AUTO", "BATCH", "HETERO", "MULTI". */
  readonly virtual: readonly string[];
  /** Every plugin that OpenVINO knows lies in the runtime, so it looks for none elsewhere. */
  readonly isComplete: boolean;
}

/** The devices of a runtime. */
export function devicesOf({ libraries }: Pick<RuntimeLocation, "libraries">): RuntimeDevices {
  const openvino = libraries.find((path) => basename(path).startsWith("libopenvino.so"));
  if (openvino === undefined) return { hardware: [], virtual: [], isComplete: false };
  // Where OpenVINO looks before it looks elsewhere.
  const folders = [join(dirname(openvino), `openvino-${RUNTIME_VERSION}`), dirname(openvino)];
  const thoseThere = (plugins: Readonly<Record<string, string>>): string[] =>
    Object.entries(plugins)
      .filter(([, file]) => folders.some((folder) => existsSync(join(folder, file))))
      .map(([device]) => device);
  const [hardware, virtual] = [thoseThere(HARDWARE_PLUGINS), thoseThere(VIRTUAL_PLUGINS)];
  const known = Object.keys(HARDWARE_PLUGINS).length + Object.keys(VIRTUAL_PLUGINS).length;
  return { hardware, virtual, isComplete: hardware.length + virtual.length === known };
}

/** The property that names the devices of a virtual one. */
const PRIORITIES = "MULTI_DEVICE_PRIORITIES";
/** A device that computes: "CPU", "GPU.1", "GPU.0.1". */
const ALONE = /^([A-Z]+)(?:\.\d+)*$/;
/** The same in the list of a virtual one: "CPU", "GPU.1", "CPU(4)". */
const LISTED = /^([A-Z]+)(?:\.\d+)*(?:\(\d+\))?$/;

/**
 * A device as it may be given to OpenVINO. "AUTO" without a list, which would have OpenVINO look for devices, gets the one
 * that computes.
 *
 * @param properties those that go with it
 * @throws OpenVinoLlmError ERR_DEVICE where a plugin is not in the runtime, or is not known by the name
 */
export function deviceForOpenVino(
  device: string,
  properties: ReadonlyArray<readonly [string, string]>,
  runtime: Pick<RuntimeLocation, "libraries" | "dir">,
): string {
  const there = devicesOf(runtime);
  const { hardware, virtual, isComplete } = there;
  if (isComplete || hardware.includes(ALONE.exec(device)?.[1] ?? "")) return device;
  const refuse = (why: string): OpenVinoLlmError => refusal(device, why, there, runtime.dir);

  const colon = device.indexOf(":");
  const name = colon < 0 ? device : device.slice(0, colon);
  if (!virtual.includes(name)) throw refuse(`there is no plugin for ${JSON.stringify(name)}`);
  const lists = colon < 0 ? [] : [device.slice(colon + 1)];
  for (const [key, value] of properties) {
    if (key.toUpperCase() === PRIORITIES) lists.push(value);
    else if (`${key} ${value}`.toUpperCase().includes(PRIORITIES)) {
      throw refuse(`the property ${key} has ${PRIORITIES} inside`);
    }
  }
  const [only = ""] = hardware;
  if (lists.length === 0 && name === "AUTO" && hardware.length === 1) return `AUTO:${only}`;
  if (lists.length === 0) throw refuse("it names no devices to use");
  for (const item of lists.flatMap((list) => list.split(","))) {
    if (!hardware.includes(LISTED.exec(item)?.[1] ?? "")) {
      throw refuse(`there is no plugin for ${JSON.stringify(item)}`);
    }
  }
  return device;
}

function refusal(device: string, why: string, there: RuntimeDevices, dir: string): OpenVinoLlmError {
  const { hardware, virtual } = there;
  const lists = virtual.map((name) => `${name}:${hardware.join(",")}`);
  return new OpenVinoLlmError(
    "ERR_DEVICE",
    `Expected a device of the runtime in ${dir} (${[...hardware, ...lists].join(", ")}) but received ` +
      `${JSON.stringify(device)}: ${why}. Use one of these, or name in OPENVINO_LLM_RUNTIME a site-packages folder with the ` +
      `wheel openvino ${RUNTIME_VERSION}, which has every plugin.`,
  );
}
