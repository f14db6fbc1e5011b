import { expect, test } from "vitest";
import { EXPECTED_BUILDS } from "../../lib/runtime/pins.js";
import { findOracle, oracleNeed } from "../helpers/oracle.js";
import { given } from "../helpers/needs.js";

const oracle = await findOracle();

test(
  "Python's openvino_genai is of the build that the addon is made for",
  given(oracleNeed(oracle)),
  async () => {
    if ("reason" in oracle) return;
    const program =
      "import openvino, openvino_genai; print(openvino.get_version()); print(openvino_genai.get_version())";
    const [openvino, genai] = (await oracle.run(program)).trim().split("\n");
    expect(openvino).toMatch(new RegExp(`^${EXPECTED_BUILDS.openvino}(-|$)`));
    expect(genai).toBe(EXPECTED_BUILDS.genai);
  },
);
