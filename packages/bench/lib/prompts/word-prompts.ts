import { seededRandom } from "../stats/random.js";
import type { PromptSource } from "./prompts.js";

/**
 * Prompts of random words, for servers whose tokenizer is not at hand or that take no token ids. The words are single
 * tokens, space included, in most vocabularies, so that a prompt has about as many tokens as were asked for; a chat
 * template comes on top. What it really has only the server knows, and reports in its usage.
 */
export function wordPrompts(seed: number): PromptSource {
  return {
    prompt(index, length) {
      const random = seededRandom(seed, "words", index);
      const words = Array.from({ length }, () => WORDS[random.integer(0, WORDS.length - 1)] ?? "");
      return { input: words.join(" "), length: null };
    },
  };
}

const WORDS: readonly string[] = (
  "activity air animal area art attention baby back bank bird black blue board body book brother business " +
  "call campaign car case center chance change child choice church city community company computer " +
  "condition cost country couple course court culture data daughter day doctor dog door early east economy " +
  "education end energy event eye face fact family father figure film fire first fish floor food force form " +
  "friend future game girl good government great green ground group guy hair hand head health high history " +
  "home horse hospital hour house husband idea image industry information issue job kind king land large " +
  "last late law letter level life light line long look lot love low man material matter member minute " +
  "moment money month morning mother movie music name need new news night north number office official oil " +
  "old opportunity others paper parent part party patient people period person phone picture piece place " +
  "plant point population power practice president problem product program project question rate reason red " +
  "research result right risk river road room rule school sea service short side site situation small " +
  "source south space sport star state step story street student study summer support system table teacher " +
  "team technology term test thing time tree type wall war water way week west white window woman word work " +
  "worker world year"
).split(" ");
