/** The child process of a profile: loads a model with OpenVINO's profiler on and runs it, while oneDNN logs to stdout. */
import { openBinding } from "../../native/binding.js";
import type { NativeProfileOptions } from "../../native/native-profile.js";
import { answerParent } from "./logged-child.js";

answerParent((task) => openBinding().core.profileModel(task as NativeProfileOptions));
