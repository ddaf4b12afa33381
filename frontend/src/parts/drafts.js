// A form marked data-draft="key" survives a lost connection or a closed tab: what is typed is kept on this device until it was sent.
import { say, words } from "./notices.js";

const AGE_MS = 7 * 24 * 3600 * 1000;
const name = (key) => `draft:${location.pathname}:${key}`;
const kept = (control) => control.name && control.name !== "csrf_token" && !["file", "password", "submit", "button", "hidden"].includes(control.type);

export function keepDrafts(root) {
  const forms = [...root.querySelectorAll("form[data-draft]")];
  settleSent(forms);
  forms.forEach((form) => {
    const key = name(form.dataset.draft);
    restore(form, key);
    let timer;
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => store(form, key), 300); });
    form.addEventListener("submit", (event) => {
      store(form, key);
      if (!navigator.onLine) { event.preventDefault(); say(words().offline, "warn"); return; }
      sessionStorage.setItem("draft-sent", key);
    });
  });
}

/** What was sent and did not come back as a form with errors has arrived. */
function settleSent(forms) {
  const sent = sessionStorage.getItem("draft-sent");
  if (!sent) return;
  sessionStorage.removeItem("draft-sent");
  if (!forms.some((form) => name(form.dataset.draft) === sent)) localStorage.removeItem(sent);
}

function store(form, key) {
  const values = [...form.elements].filter(kept).map((control) => [control.name, control.value, control.checked ?? null]);
  localStorage.setItem(key, JSON.stringify({ at: Date.now(), values }));
}

function restore(form, key) {
  const draft = JSON.parse(localStorage.getItem(key) ?? "null");
  if (!draft) return;
  if (Date.now() - draft.at > AGE_MS) { localStorage.removeItem(key); return; }
  if (form.querySelector("[aria-invalid]")) return; // the server has just shown what was sent
  const controls = [...form.elements].filter(kept);
  const before = controls.map((control) => [control, control.value, control.checked]);
  let changed = false;
  draft.values.forEach(([field, value, checked], place) => {
    const control = controls[place]?.name === field ? controls[place] : null;
    if (!control) return;
    if (control.type === "checkbox" || control.type === "radio") { changed ||= control.checked !== checked; control.checked = checked; }
    else { changed ||= control.value !== value; control.value = value; }
  });
  if (!changed) return;
  form.dispatchEvent(new Event("input", { bubbles: true }));
  say(words().draft_restored, "info", {
    text: words().discard,
    run: () => {
      before.forEach(([control, value, checked]) => { control.value = value; if ("checked" in control) control.checked = checked; });
      localStorage.removeItem(key);
    },
  });
}
