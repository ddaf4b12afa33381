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
  root.addEventListener("toggle", (event) => opened(event.target), true);
  root.addEventListener("keydown", (event) => { if (event.key === "Tab") stayInside(event); });
}

const focusable = (sheet) => [...sheet.querySelectorAll("summary, a[href], button, input, select, textarea")]
  .filter((control) => control.type !== "hidden" && !control.disabled && control.checkVisibility());

/** A question keeps the focus until it is answered or closed: Tab goes round in it. */
function stayInside(event) {
  const sheet = event.target.closest?.("details[data-confirm][open]");
  if (!sheet) return;
  const controls = focusable(sheet);
  const end = event.shiftKey ? controls[0] : controls.at(-1);
  if (event.target !== end) return;
  event.preventDefault();
  (event.shiftKey ? controls.at(-1) : controls[0]).focus();
}

function opened(sheet) {
  if (!sheet.matches?.(SHEETS) || !sheet.open) return;
  keepInView(sheet);
  if (sheet.matches("[data-confirm]")) focusable(sheet)[1]?.focus();
}

/** Turn a sheet that would leave the window at the right to its other edge. */
function keepInView(sheet) {
  const body = sheet.querySelector(".confirm-sheet, .help-text");
  if (!body) return;
  body.style.left = "";
  const over = body.getBoundingClientRect().right - document.documentElement.clientWidth + 12;
  if (over > 0) body.style.left = `${body.offsetLeft - over}px`;
}
