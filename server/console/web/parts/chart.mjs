import { html, useEffect, useRef } from "../vendor/preact.mjs";
import { init } from "../vendor/echarts.mjs";

/** Chart draws an option of ECharts. Nothing moves, tooltips are no HTML, and colours follow the theme. onBrush gets the ends of a range. */
export function Chart({ option, label, onBrush }) {
  const host = useRef();
  useEffect(() => {
    const chart = init(host.current, null, { renderer: "svg" });
    const draw = () => chart.setOption(themed(option, label), true);
    draw();
    if (onBrush) {
      chart.dispatchAction({ type: "takeGlobalCursor", key: "brush", brushOption: { brushType: "lineX", brushMode: "single" } });
      chart.on("brushEnd", (event) => event.areas[0] && onBrush(event.areas[0].coordRange));
    }
    const resized = new ResizeObserver(() => chart.resize());
    resized.observe(host.current);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      scheme.removeEventListener("change", draw);
      resized.disconnect();
      chart.dispose();
    };
  }, [option]);
  return html`<div class="chart" ref=${host} role="img" aria-label=${label}></div>`;
}

function themed(option, label) {
  const style = getComputedStyle(document.documentElement);
  const variable = (name) => style.getPropertyValue(name).trim();
  const text = { color: variable("--text"), fontFamily: "sans-serif", fontSize: 12 };
  const axis = (a) => a && { axisLabel: text, axisLine: { lineStyle: { color: variable("--border") } }, splitLine: { lineStyle: { color: variable("--line") } }, ...a };
  return {
    animation: false,
    color: ["--accent", "--string", "--number", "--type", "--keyword", "--bad"].map(variable),
    textStyle: text,
    aria: { enabled: true, label: { description: label } },
    tooltip: { trigger: option.xAxis ? "axis" : "item", renderMode: "richText", textStyle: { ...text, color: variable("--text") }, backgroundColor: variable("--panel"), borderColor: variable("--border") },
    ...option,
    toolbox: { show: false },
    legend: option.legend && { textStyle: text, type: "plain", ...option.legend },
    xAxis: axis(option.xAxis),
    yAxis: axis(option.yAxis),
  };
}
