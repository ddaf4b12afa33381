// From a table to a drawing: ECharts with the parts that boards need and no other. Colours and faces are the design's tokens.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";
import { readTable } from "./table.js";

export { offerPictures } from "./pictures.js";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer, SVGRenderer]);

const PALETTE = ["brand", "tower", "duct", "room", "cable", "line-strong"];
const SYMBOLS = ["circle", "rect", "triangle", "diamond", "roundRect"];
const dark = matchMedia("(prefers-color-scheme: dark)");
const print = matchMedia("print");

/** The chart of `plot`, drawn and kept in size and colours. */
export function draw(plot) {
  const chart = init(plot, null, { renderer: "canvas" });
  const table = readTable(document.getElementById(`table-${plot.dataset.key}`));
  const paint = () => {
    chart.setOption(option(plot, table), true);
    chart.getZr().flush(); // a page that is printed waits for no frame
  };
  paint();
  dark.addEventListener("change", paint);
  print.addEventListener("change", paint); // paper is light
  new ResizeObserver(() => print.matches || chart.resize()).observe(plot); // paper takes the picture as it is
  return chart;
}

function option(plot, table) {
  const form = plot.dataset.chart;
  const token = tokens(plot);
  const wraps = print.matches && table.series.length > 4; // nobody turns the legend's pages on paper
  const lying = form === "bars";
  const text = { color: token("ink-2"), fontSize: 11, fontFamily: getComputedStyle(document.body).fontFamily };
  const names = { type: "category", data: table.rows.map(folded), inverse: lying,
    axisLabel: { ...text, formatter: (name) => name.replaceAll("\n", ""), ...(lying ? { width: 120, overflow: "truncate" } : {}) },
    axisTick: { show: false }, axisLine: { lineStyle: { color: token("line") } } };
  const values = { type: "value", minInterval: table.series.every((one) => one.measure === "count") ? 1 : 0,
    axisLabel: { ...text, formatter: (value) => written(value, table.series[0]) }, splitLine: { lineStyle: { color: token("line-2") } } };
  return {
    animation: false,
    color: PALETTE.map(token),
    textStyle: text,
    grid: { left: 8, right: 16, top: table.series.length > 1 ? (wraps ? 54 : 34) : 12, bottom: 4, containLabel: true },
    legend: { show: table.series.length > 1, type: wraps ? "plain" : "scroll", top: 0, left: 0, itemWidth: 14, itemHeight: 9, textStyle: text },
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, backgroundColor: token("card"), borderColor: token("line"),
      textStyle: { ...text, color: token("ink"), fontSize: 12 }, axisPointer: { type: form === "lines" ? "line" : "shadow" } },
    xAxis: lying ? values : names,
    yAxis: lying ? names : values,
    series: table.series.map((one, place) => drawn(one, place, form, token)),
  };
}

/** A name on the few lines that a tooltip has room for on a phone: a letter counts one, a Chinese character two. The table has all of it. */
function folded(name) {
  let [lines, wide] = [[""], 0];
  for (const word of name.match(/\p{Script=Han}|[^\s\p{Script=Han}]{1,32}\s*|\s+/gu) ?? []) {
    const width = [...word].reduce((sum, letter) => sum + (letter > "\u2e7f" ? 2 : 1), 0);
    if (wide && wide + width > 36) [lines, wide] = [[...lines, ""], 0];
    lines[lines.length - 1] += word;
    wide += width;
  }
  return lines.length > 4 ? `${lines.slice(0, 4).join("\n")}…` : lines.join("\n");
}

function drawn(one, place, form, token) {
  const colour = one.hue ? token(one.hue) : undefined;
  const shared = { name: one.name, data: one.values, itemStyle: { color: colour }, tooltip: { valueFormatter: (value) => written(value, one) } };
  if (form === "lines") {
    return { ...shared, type: "line", symbol: SYMBOLS[place % SYMBOLS.length], symbolSize: 7, connectNulls: true,
      lineStyle: { width: 2, color: colour, type: ["solid", "dashed", "dotted"][place % 3] } };
  }
  const edge = { borderColor: token("card"), borderWidth: 1 };
  return { ...shared, type: "bar", barMaxWidth: 26, stack: form === "columns" ? undefined : "all", itemStyle: { color: colour, ...edge } };
}

function tokens(plot) {
  const style = getComputedStyle(plot); // on paper it has colours of its own
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

function written(value, { measure, currency }) {
  if (value === null || value === undefined) return "–";
  const language = document.documentElement.lang || "en";
  const large = value >= 1e6;
  if (measure === "money") return new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol", maximumFractionDigits: large ? 1 : 0,
    notation: large ? "compact" : "standard" }).format(value);
  return new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(value) + (measure === "percent" ? "%" : "");
}
