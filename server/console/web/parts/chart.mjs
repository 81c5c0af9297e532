import { html, useEffect, useRef } from "../vendor/preact.mjs";
import { fitted } from "../lib/text.mjs";
import { init } from "../vendor/echarts.mjs";

/** Chart draws an option of ECharts. Nothing moves, tooltips are no HTML, and colours follow the theme. onBrush gets the ends of a range, onMark the row of a mark that is clicked. */
export function Chart({ option, label, onBrush, onMark }) {
  const host = useRef();
  const latest = useRef({});
  latest.current = { onMark };
  useEffect(() => {
    const chart = init(host.current, null, { renderer: "svg" });
    const draw = () => {
      chart.setOption(themed(option, label, host.current), true);
      if (onBrush) chart.dispatchAction({ type: "takeGlobalCursor", key: "brush", brushOption: { brushType: "lineX", brushMode: "single" } });
    };
    draw();
    if (onBrush) chart.on("brushEnd", (event) => event.areas[0] && onBrush(event.areas[0].coordRange));
    chart.on("click", ({ data }) => data?.row !== undefined && latest.current.onMark?.(data.row));
    const resized = new ResizeObserver(() => {
      chart.resize();
      draw();
    });
    resized.observe(host.current);
    const media = ["(prefers-color-scheme: dark)", "print"].map((query) => matchMedia(query));
    for (const m of media) m.addEventListener("change", draw);
    return () => {
      for (const m of media) m.removeEventListener("change", draw);
      resized.disconnect();
      chart.dispose();
    };
  }, [option]);
  return html`<div class="chart" ref=${host} role="img" aria-label=${label}></div>`;
}

const legendRow = 20; // pixels
const legendName = (name) => fitted(name, 60);

/** legendOf is the legend of some names with the room for it, which ECharts does not leave; one that would take more than a third of the chart is turned over. */
function legendOf(names, host) {
  let [rows, left] = [1, host.clientWidth];
  for (const name of names) {
    const taken = 45 + 7 * legendName(name).length; // its symbol, its text and the gap
    if (taken > left && left < host.clientWidth) [rows, left] = [rows + 1, host.clientWidth];
    left -= taken;
  }
  const isHigh = 3 * rows * legendRow > host.clientHeight;
  return { type: isHigh ? "scroll" : "plain", height: isHigh ? legendRow : rows * legendRow };
}

function themed(option, label, host) {
  const style = getComputedStyle(document.documentElement);
  const variable = (name) => style.getPropertyValue(name).trim();
  const text = { color: variable("--text"), fontFamily: "sans-serif", fontSize: 12 };
  const { labelCharacters, tooltipOf, ...drawn } = option;
  const legend = option.legend?.data && legendOf(option.legend.data, host);
  const axis = (a) => a && { axisLabel: labelCharacters && a.type === "category" ? { ...text, formatter: (name) => fitted(name, labelCharacters) } : text, axisLine: { lineStyle: { color: variable("--border") } }, splitLine: { lineStyle: { color: variable("--line") } }, ...a };
  return {
    animation: false,
    color: variable("--series").split(" "),
    textStyle: text,
    aria: { enabled: true, label: { description: label } },
    tooltip: { trigger: tooltipOf ?? (option.xAxis ? "axis" : "item"), confine: true, renderMode: "richText", textStyle: { ...text, color: variable("--text") }, backgroundColor: variable("--panel"), borderColor: variable("--border") },
    ...drawn,
    ...(legend && { grid: { ...option.grid, top: option.grid.top + legend.height } }),
    toolbox: { show: false },
    legend: option.legend && { textStyle: text, type: legend?.type, formatter: legendName, ...option.legend },
    xAxis: axis(option.xAxis),
    yAxis: axis(option.yAxis),
  };
}
