// A file dropped anywhere on the zone goes into its file input; the zone says what was chosen, in the language of the page.
export function dropZones(root) {
  root.querySelectorAll?.("[data-drop]").forEach((zone) => {
    const input = zone.querySelector("input[type=file]");
    const note = zone.querySelector("[data-chosen]");
    const unchosen = note.textContent;
    input.addEventListener("change", () => {
      note.textContent = [...input.files].map((file) => file.name).join(", ") || unchosen;
      zone.classList.toggle("has-file", input.files.length > 0);
    });
    const mark = (on) => (event) => { event.preventDefault(); zone.classList.toggle("is-over", on); };
    zone.addEventListener("dragover", mark(true));
    zone.addEventListener("dragleave", mark(false));
    zone.addEventListener("drop", (event) => {
      mark(false)(event);
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  });
}
