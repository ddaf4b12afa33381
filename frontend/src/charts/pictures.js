// The drawing of a chart to take away: as a PNG for a slide, as an SVG for print, with its title and its definition inside.
import { init } from "echarts/core";

const DRAWN = { width: 960, height: 420 };

/** Shows the buttons of the plot's chart. */
export function offerPictures(plot, chart) {
  const make = { png: () => png(chart), svg: () => svg(plot, chart) };
  for (const button of document.querySelectorAll(`[data-picture="${plot.dataset.key}"]`)) {
    button.hidden = false;
    button.addEventListener("click", () => take(make[button.dataset.type](), `${plot.dataset.key}.${button.dataset.type}`));
  }
}

function take(address, name) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

function background() {
  return getComputedStyle(document.documentElement).getPropertyValue("--card").trim();
}

function png(chart) {
  return chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: background() });
}

function svg(plot, chart) {
  const drawing = init(null, null, { renderer: "svg", ssr: true, ...DRAWN });
  drawing.setOption({ ...chart.getOption(), backgroundColor: background(), animation: false });
  const text = drawing.renderToSVGString();
  drawing.dispose();
  return URL.createObjectURL(new Blob([told(text, plot.closest(".chart"))], { type: "image/svg+xml" }));
}

/** The drawing with what it shows in words, for who reads it elsewhere. */
function told(text, card) {
  const said = (name, words) => `<${name}>${words.trim().replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)}</${name}>`;
  const words = said("title", card.querySelector(".card-title").textContent) + said("desc", card.querySelector(".note").textContent);
  return text.replace(/<svg[^>]*>/, (opening) => opening + words);
}
