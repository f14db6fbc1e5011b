import type { PinnedWheel } from "../../lib/download/wheels.js";

export const JINJA: readonly PinnedWheel[];
export const NUMPY: PinnedWheel;
export const SMALL_SOURCES: readonly PinnedWheel[];
export const LARGE_SOURCES: readonly PinnedWheel[];
