import * as echarts from "echarts/core";
import { LineChart, BarChart, PieChart, HeatmapChart } from "echarts/charts";
import {
  AriaComponent, BrushComponent, DatasetComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent, ToolboxComponent,
} from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

echarts.use([
  LineChart, BarChart, PieChart, HeatmapChart, AriaComponent, BrushComponent, DatasetComponent, GridComponent, LegendComponent,
  TooltipComponent, VisualMapComponent, ToolboxComponent, SVGRenderer,
]);
export const init = echarts.init;
