// A diagram in Mermaid's language, drawn in the reader's browser, in the colours of the page.
import { useData } from "vitepress";
import { defineComponent, h, onMounted, ref, watch } from "vue";

let count = 0;

export const Diagram = defineComponent({
  props: { source: { type: String, required: true } },
  setup(props) {
    const { isDark } = useData();
    const svg = ref("");
    const draw = async () => {
      const { default: mermaid } = await import("mermaid");
      mermaid.initialize({
        startOnLoad: false,
        securityLevel: "strict",
        // Text of SVG: what is HTML would have the look of the page, for which it was not measured.
        htmlLabels: false,
        theme: isDark.value ? "dark" : "neutral",
      });
      svg.value = (await mermaid.render(`diagram-${++count}`, decodeURIComponent(props.source))).svg;
    };
    onMounted(draw);
    watch(isDark, draw);
    return () => h("div", { class: "diagram", innerHTML: svg.value });
  },
});
