// A form marked data-draft="key" survives a lost connection or a closed tab: what is typed is kept on this device until it was sent,
// and, with data-draft-keep="address", by the server, which shows it on the next visit whatever the device.
import { say, words } from "./notices.js";

const AGE_MS = 7 * 24 * 3600 * 1000;
const KEEP_AFTER_MS = 4000;
const who = () => document.querySelector("[data-person]")?.dataset.person ?? ""; // a draft is its writer's, whoever uses the device next
const name = (key) => `draft:${who()}:${location.pathname}:${key}`;
const moment = (at) => new Intl.DateTimeFormat(document.documentElement.lang.replace(/^en$/, "en-GB"), { dateStyle: "medium", timeStyle: "short" }).format(at);
const kept = (control) => control.name && control.name !== "csrf_token" && !["file", "password", "submit", "button", "hidden"].includes(control.type);

export function keepDrafts(root) {
  const forms = [...root.querySelectorAll("form[data-draft]")];
  settleSent(forms);
  root.querySelectorAll("form.draft-discard").forEach((discard) => discard.addEventListener("submit", () =>
    forms.forEach((form) => localStorage.removeItem(name(form.dataset.draft)))));
  root.querySelectorAll("[data-draft-gone]").forEach((mark) => mark.form.addEventListener("submit", () =>
    Object.keys(localStorage).filter((key) => key.startsWith(`draft:${who()}:`) && key.endsWith(`:${mark.dataset.draftGone}`)).forEach((key) =>
      localStorage.removeItem(key))));
  forms.forEach((form) => {
    const key = name(form.dataset.draft);
    restore(form, key);
    let timer;
    const server = keeper(form);
    form.addEventListener("input", (event) => {
      clearTimeout(timer);
      timer = setTimeout(() => store(form, key), 300);
      if (event.isTrusted) server.soon();
    });
    form.addEventListener("submit", (event) => {
      store(form, key);
      if (server.holds(event)) return;
      if (!navigator.onLine) { event.preventDefault(); say(words().offline, "warn"); return; }
      sessionStorage.setItem("draft-sent", key);
    });
  });
}

/** Keeps a form on the server some seconds after the last change. What is under way arrives before the form itself is sent: else it
    would bring back what the sending has just settled. */
function keeper(form) {
  const address = form.dataset.draftKeep;
  let timer, sending = null;
  const send = () => {
    sending = fetch(address, { method: "POST", body: new FormData(form) }).catch(() => {}).finally(() => { sending = null; });
  };
  return {
    soon: () => { if (address) { clearTimeout(timer); timer = setTimeout(send, KEEP_AFTER_MS); } },
    holds: (event) => {
      clearTimeout(timer);
      if (!sending) return false;
      event.preventDefault();
      const { submitter } = event;
      sending.then(() => form.requestSubmit(submitter));
      return true;
    },
  };
}

/** What was sent and did not come back as a form with errors has arrived, unless it led to the door or to an error: then it waits. */
function settleSent(forms) {
  const sent = sessionStorage.getItem("draft-sent");
  if (!sent) return;
  sessionStorage.removeItem("draft-sent");
  if (document.querySelector("[data-not-arrived]")) return;
  if (!forms.some((form) => name(form.dataset.draft) === sent)) localStorage.removeItem(sent);
}

function store(form, key) {
  const values = [...form.elements].filter(kept).map((control) => [control.name, control.value, control.checked ?? null]);
  const at = Date.now();
  localStorage.setItem(key, JSON.stringify({ at, values }));
  note(form).textContent = (words().draft_kept ?? "").replace("#", moment(at));
}

/** Where the form says when its draft was kept; not live, since it changes with every pause. */
function note(form) {
  const place = form.querySelector(".form-end") ?? form;
  let said = place.querySelector(".draft-note");
  if (!said) {
    said = document.createElement("span");
    said.className = "note draft-note";
    place.append(said);
  }
  return said;
}

function restore(form, key) {
  const draft = JSON.parse(localStorage.getItem(key) ?? "null");
  if (!draft) return;
  if (Date.now() - draft.at > AGE_MS) { localStorage.removeItem(key); return; }
  if (draft.at <= Number(form.dataset.draftAt ?? 0)) { localStorage.removeItem(key); return; } // the server kept a later one
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
  say((words().draft_restored ?? "").replace("#", moment(draft.at)), "info", {
    text: words().discard,
    run: () => {
      before.forEach(([control, value, checked]) => { control.value = value; if ("checked" in control) control.checked = checked; });
      localStorage.removeItem(key);
      note(form).textContent = "";
      form.querySelectorAll("[data-geometry] select").forEach((select) => select.dispatchEvent(new Event("change")));
    },
  });
}
