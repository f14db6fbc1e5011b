import { describe, expect, it } from "vitest";
import { misfitsOf, type ProfilePlace } from "../../../lib/profiles/fit.js";
import { cpuOf } from "../../../lib/profiles/here.js";
import { PROFILE } from "../../helpers/profile.js";

const place: ProfilePlace = {
  graphSha256: PROFILE.model.graphSha256,
  cpu: PROFILE.cpu,
  versions: PROFILE.versions,
};

describe("whether a profile holds", () => {
  it("does on the same processor, with the same builds and graph", () => {
    expect(misfitsOf(PROFILE, place)).toEqual([]);
  });

  it("does whatever the order of the instruction sets, and with another version of this package", () => {
    const instructionSets = PROFILE.cpu.instructionSets.toReversed();
    const versions = { ...PROFILE.versions, openvinoLlm: "9.9.9" };
    expect(misfitsOf(PROFILE, { ...place, cpu: { ...PROFILE.cpu, instructionSets }, versions })).toEqual([]);
  });

  it.each<[string, Partial<ProfilePlace>, RegExp]>([
    ["graph", { graphSha256: "00" }, /on another graph, that of tiny/],
    [
      "processor",
      { cpu: { ...PROFILE.cpu, modelName: "Another" } },
      /processor Some Processor and this is Another/,
    ],
    ["family", { cpu: { ...PROFILE.cpu, family: null } }, /family 6 and this is unknown/],
    ["model", { cpu: { ...PROFILE.cpu, model: 1 } }, /model 207 and this is 1/],
    [
      "instruction sets",
      { cpu: { ...PROFILE.cpu, instructionSets: ["avx2"] } },
      /instruction sets amx_int8 avx2 avx512_vnni and this is avx2/,
    ],
    ["number of CPUs", { cpu: { ...PROFILE.cpu, cpus: 2 } }, /number of CPUs: 8 and this is 2/],
    [
      "OpenVINO",
      { versions: { ...PROFILE.versions, openvino: "2027" } },
      /OpenVINO 2026.4.1-1 and this is 2027/,
    ],
    [
      "GenAI",
      { versions: { ...PROFILE.versions, openvinoGenai: "2027" } },
      /OpenVINO GenAI .* and this is 2027/,
    ],
  ])("does not with another %s", (_, other, reason) => {
    const [first, ...more] = misfitsOf(PROFILE, { ...place, ...other });
    expect(first).toMatch(reason);
    expect(more).toEqual([]);
  });
});

describe("the processor of a process", () => {
  const all = { vnni: true, bf16: true, amx: true, amxFp16: false };
  const files: Readonly<Record<string, string>> = {
    "/proc/cpuinfo": [
      "processor\t: 0",
      "cpu family\t: 6",
      "model\t\t: 207",
      "model name\t: Some Processor",
      "flags\t\t: fpu avx2 avx512f avx512_vnni avx512_bf16 amx_tile amx_int8 amx_bf16 amx_fp16",
    ].join("\n"),
  };
  const read = (path: string) => files[path] ?? null;

  it("is what Linux says", () => {
    expect(cpuOf({ ...all, amxFp16: true }, read, 4)).toEqual({
      modelName: "Some Processor",
      family: 6,
      model: 207,
      instructionSets: [
        "avx2",
        "avx512f",
        "avx512_vnni",
        "avx512_bf16",
        "amx_tile",
        "amx_int8",
        "amx_bf16",
        "amx_fp16",
      ],
      cpus: 4,
    });
  });

  it("has the instruction sets that oneDNN may use", () => {
    const { instructionSets } = cpuOf({ ...all, amx: false, bf16: false }, read, 4);
    expect(instructionSets).toEqual(["avx2", "avx512f", "avx512_vnni"]);
  });

  it("has as many CPUs as its control group lets it keep busy", () => {
    const limited: Readonly<Record<string, string>> = {
      ...files,
      "/proc/self/mountinfo": "30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw",
      "/proc/self/cgroup": "0::/",
      "/sys/fs/cgroup/cpu.max": "150000 100000",
    };
    expect(cpuOf(all, (path) => limited[path] ?? null, 4).cpus).toBe(2);
  });

  it("is unknown where Linux does not report it", () => {
    const unknown = { modelName: null, family: null, model: null, instructionSets: [], cpus: 1 };
    expect(cpuOf(all, () => null, 1)).toEqual(unknown);
  });
});
