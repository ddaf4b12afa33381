// Menus, confirmations and help are <details>: one is open at a time, Escape and a click elsewhere close it.
const SHEETS = "details[data-menu], details[data-confirm], details.help";

export function closeSheets(root) {
  const closeAll = (except) => root.querySelectorAll(SHEETS).forEach((sheet) => { if (sheet !== except && !sheet.contains(except)) sheet.open = false; });

  root.addEventListener("click", (event) => {
    const closer = event.target.closest?.("[data-close]");
    const sheet = event.target.closest?.(SHEETS);
    if (closer && sheet) { sheet.open = false; sheet.querySelector("summary").focus(); }
    closeAll(sheet);
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const sheet = root.querySelector(`:is(${SHEETS})[open]`);
    if (sheet) { sheet.open = false; sheet.querySelector("summary").focus(); }
  });
  root.addEventListener("toggle", (event) => keepInView(event.target), true);
}

/** Turn a sheet that would leave the window at the right to its other edge. */
function keepInView(sheet) {
  if (!sheet.matches?.("details[data-confirm], details.help") || !sheet.open) return;
  const body = sheet.querySelector(".confirm-sheet, .help-text");
  body.style.left = "";
  const over = body.getBoundingClientRect().right - document.documentElement.clientWidth + 12;
  if (over > 0) body.style.left = `${body.offsetLeft - over}px`;
}
