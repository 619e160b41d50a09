/** The parts of ECharts that the charts use: loaded with the first chart, not with the page. */
import { BarChart, LineChart, SankeyChart, HeatmapChart, MapChart, CustomChart, ScatterChart } from "echarts/charts";
import { GeoComponent, GridComponent, MarkLineComponent, MarkPointComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([
  BarChart,
  LineChart,
  SankeyChart,
  HeatmapChart,
  MapChart,
  CustomChart,
  ScatterChart,
  GeoComponent,
  GridComponent,
  MarkLineComponent,
  MarkPointComponent,
  TooltipComponent,
  VisualMapComponent,
  SVGRenderer,
]);

export { init, registerMap, type EChartsType } from "echarts/core";
