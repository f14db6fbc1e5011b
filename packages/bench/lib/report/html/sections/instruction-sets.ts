import { note, type ReportContext, type Section } from "../context.js";
import { ratioTable } from "../ratio-table.js";

/** What an instruction set gains: each model without a limit against itself with one. */
export function instructionSetSection({ summary, views }: ReportContext): Section | null {
  // Summaries of older versions have none.
  const ratios = summary.isaRatios ?? [];
  if (ratios.length === 0) return null;
  return {
    id: "instruction-sets",
    title: "Instruction sets",
    content: [
      note(
        "How many times as fast a model is with all instruction sets of this processor as with a limit, under which it runs in a process of its own.",
      ),
      ratioTable("Without a limit to with one", ratios, views),
    ],
  };
}
