import { describe, expect, it } from "vitest";
import { optionalKeys } from "../../../lib/http/request-body.js";
import { agreeOnRequest, type Refusal, type RequestVariant } from "../../../lib/http/agree.js";

const WHOLE: RequestVariant = { prompts: "tokenIds", leftOut: [] };

/** A server by what it refuses; counts what it was asked. */
async function agreed(
  refuse: (variant: RequestVariant) => Refusal | null,
  endpoint: "completions" | "chat" = "completions",
) {
  let attempts = 0;
  const result = await agreeOnRequest(WHOLE, optionalKeys(endpoint), (variant) => {
    attempts += 1;
    return Promise.resolve(refuse(variant));
  });
  return { attempts, ...result };
}

const bad = (message: string, status = 400): Refusal => ({ status, message });

describe("agreeOnRequest", () => {
  it("asks once where the whole request is answered", async () => {
    expect(await agreed(() => null)).toEqual({ attempts: 1, variant: WHOLE });
  });

  it("leaves out what the server names, one after the other, and nothing else", async () => {
    const { attempts, ...result } = await agreed(({ leftOut }) => {
      if (!leftOut.includes("ignore_eos")) return bad("extra fields not permitted: ignore_eos");
      return leftOut.includes("stream_options") ? null : bad("unknown stream_options", 422);
    });
    expect(result).toEqual({ variant: { prompts: "tokenIds", leftOut: ["ignore_eos", "stream_options"] } });
    expect(attempts).toBe(3);
  });

  it("takes the one of a chat's two limits that the server wants, and never none", async () => {
    const message = "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    const refuses = ({ leftOut }: RequestVariant) => (leftOut.includes("max_tokens") ? null : bad(message));
    expect(await agreed(refuses, "chat")).toEqual({
      attempts: 2,
      variant: { prompts: "tokenIds", leftOut: ["max_tokens"] },
    });
    const seen: RequestVariant[] = [];
    await agreed((variant) => {
      seen.push(variant);
      return bad("unknown: max_tokens, max_completion_tokens");
    }, "chat");
    const without = (key: "max_tokens" | "max_completion_tokens") =>
      seen.filter(({ leftOut }) => leftOut.includes(key));
    expect(without("max_tokens").length).toBeGreaterThan(0);
    expect(without("max_tokens").filter((one) => without("max_completion_tokens").includes(one))).toEqual([]);
  });

  it("sends text where ids are refused", async () => {
    const { variant } = (await agreed(({ prompts }) =>
      prompts === "text" ? null : bad("prompt must be a string"),
    )) as {
      variant: RequestVariant;
    };
    expect(variant).toEqual({ prompts: "text", leftOut: [] });
  });

  it("finds out alone what a server refuses without naming it", async () => {
    const refuses = ({ leftOut }: RequestVariant) =>
      leftOut.includes("repetition_penalty") ? null : bad("bad request", 500);
    expect(await agreed(refuses)).toMatchObject({
      variant: { prompts: "tokenIds", leftOut: ["repetition_penalty"] },
    });
  });

  it("asks for the least where nothing alone helps", async () => {
    const refuses = ({ prompts, leftOut }: RequestVariant) =>
      prompts === "text" && leftOut.includes("ignore_eos") ? null : bad("no");
    expect(await agreed(refuses)).toMatchObject({
      variant: {
        prompts: "text",
        leftOut: ["ignore_eos", "stream_options", "repetition_penalty", "temperature"],
      },
    });
  });

  it("gives up with the refusal of the whole request", async () => {
    let count = 0;
    const result = await agreed(() => bad(`refusal ${(count += 1)}`));
    expect(result).toMatchObject({ refusal: bad("refusal 1") });
  });

  it.each([0, 401, 403, 404, 429, 503])(
    "does not ask again after status %d, which is not about the form",
    async (status) => {
      const refusal = bad("ignore_eos", status);
      expect(await agreed(() => refusal)).toEqual({ attempts: 1, refusal });
    },
  );
});
