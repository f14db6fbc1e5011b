// One `synthModel` call in a process of its own, of the sizes of a tiny model: "start <options as JSON>" begins it. It
// answers with the exporter's "half way" and with the result or the error, as JSON.
import { GEOMETRIES } from "../../../dist/synth/geometries.js";
import { synthModel } from "../../../dist/synth/synth-model.js";

const NAME = "llama-3.2-1b";
const real = GEOMETRIES.get(NAME);
const sizes = {
  ...real.sizes,
  layers: 2,
  hiddenSize: 64,
  intermediateSize: 96,
  heads: 4,
  kvHeads: 2,
  headSize: 16,
  vocabSize: 320,
};
GEOMETRIES.set(NAME, { ...real, defaultLayers: 2, sizes });

const answer = (value) => process.send(JSON.stringify(value));

process.on("message", (message) => {
  const onEvent = (event) => {
    if (event.type === "log" && event.line === "half way") answer("half way");
    if (event.type === "phase" && event.phase === "wait") answer("waits");
  };
  synthModel(NAME, { force: true, ...JSON.parse(message.slice("start ".length)), onEvent }).then(
    (model) => answer(model),
    ({ name, code, message: text }) => answer({ name, code, message: text }),
  );
});
