// A child of the doctor's probe that ends by the signal in CRASH_SIGNAL, except with a setting named in CRASH_RUNS_WITH:
// "f32" and "no-amx". Such a crash of the engine itself needs a processor with AMX.
const { properties } = JSON.parse(process.argv[2]);
const settings = [
  ...(properties.INFERENCE_PRECISION_HINT === "f32" ? ["f32"] : []),
  ...(process.env.ONEDNN_MAX_CPU_ISA === "AVX512_CORE_BF16" ? ["no-amx"] : []),
];
const runsWith = process.env.CRASH_RUNS_WITH.split(",");
if (!settings.some((setting) => runsWith.includes(setting)))
  process.kill(process.pid, process.env.CRASH_SIGNAL);
process.send({ value: { path: "" } }, () => process.disconnect());
