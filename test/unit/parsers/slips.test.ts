import { describe, expect, it } from "vitest";
import { joined, parse } from "./helpers.js";
import { SLIPS } from "./slips.js";
import { partsOf } from "./transcripts.js";

describe.each(Object.entries(SLIPS))(
  "what models write wrong in the format of %s",
  (_format, { options, slips }) => {
    it.each(slips)("is read: %s", (_what, output, said) => {
      expect(joined(parse(options, [output]))).toEqual(partsOf(said));
    });

    it.each(slips)("is read the same character by character: %s", (_what, output, said) => {
      expect(joined(parse(options, output.split("")))).toEqual(partsOf(said));
    });

    it.each(slips)("is read the same in any two pieces: %s", (_what, output, said) => {
      for (let at = 1; at < output.length; at++) {
        expect(joined(parse(options, [output.slice(0, at), output.slice(at)]))).toEqual(partsOf(said));
      }
    });
  },
);
