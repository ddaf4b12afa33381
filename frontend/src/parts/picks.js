// Ticking rows for one change: all on the page at once, and how many. The form works without it.
export function picks(root) {
  const bar = root.matches?.("[data-picks]") ? root : root.querySelector?.("[data-picks]");
  if (!bar) return;
  const boxes = () => [...document.querySelectorAll(`[data-pick][form="${bar.id}"]`)];
  const all = bar.querySelector("[data-pick-all]");
  const note = bar.querySelector("[data-picked]");
  const count = () => {
    const ticked = boxes().filter((box) => box.checked).length;
    note.textContent = ticked ? note.dataset.words.replace("#", ticked) : "";
    const every = all.querySelector("input");
    every.checked = ticked > 0 && ticked === boxes().length;
    every.indeterminate = ticked > 0 && !every.checked;
  };
  all.hidden = false;
  all.querySelector("input").addEventListener("change", (event) => {
    boxes().forEach((box) => { box.checked = event.target.checked; });
    count();
  });
  boxes().forEach((box) => box.addEventListener("change", count));
  count();
}
