import * as echarts from "echarts/core";
import { LineChart, BarChart, PieChart, HeatmapChart } from "echarts/charts";
import {
  AriaComponent, BrushComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapContinuousComponent,
} from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

echarts.use([
  LineChart, BarChart, PieChart, HeatmapChart, AriaComponent, BrushComponent, GridComponent, LegendComponent, TooltipComponent,
  VisualMapContinuousComponent, SVGRenderer,
]);
export const init = echarts.init;
