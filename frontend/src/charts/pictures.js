// The drawing of a chart as a PNG to take away.

/** Shows the button of the plot's chart. */
export function offerPictures(plot, chart) {
  const button = document.querySelector(`[data-picture="${plot.dataset.key}"]`);
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const link = document.createElement("a");
    const background = getComputedStyle(document.documentElement).getPropertyValue("--card").trim();
    link.href = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: background });
    link.download = `${plot.dataset.key}.png`;
    link.click();
  });
}
