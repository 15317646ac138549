// The keyboard, for the whole page while no field of it is being written in; and the list of its keys.

const KEYS = {
  " ": "toggle",
  ArrowLeft: "back",
  ArrowRight: "forth",
  Home: "first",
  End: "now",
  s: "both",
  d: "critic",
  g: "generator",
  f: "fork",
  p: "projector",
  "?": "list",
  Escape: "leave",
};
// The list, as `words` has it: keys, and what they do.
const LISTED = ["toggle", "moments", "ends", "both", "critic", "generator", "fork", "projector", "closer", "list"];
const WRITES = "input:not([type=range]), textarea, select, [contenteditable], [role=textbox], [role=combobox], [role=listbox], [role=dialog]";
const PRESSES = "button, a, summary, label, input, [role=button], [role=tab], [role=checkbox], [role=radio], [role=option], [role=menuitem]";
const MOVES_BY_ARROWS = `${WRITES}, input, [role=tab], [role=radio], [role=slider], [role=option], [role=menuitem]`;

function makeKeys({ root, act }) {
  const panel = root.querySelector(".gs-keys");
  const opener = root.querySelector("[data-time=keys]");
  const slider = root.querySelector("[data-time=slider]");

  function setOpen(open) {
    panel.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    return true;
  }

  // Whether the one who has the focus wants this key for itself.
  function taken(target, name) {
    if (!(target instanceof Element) || target === slider) return target === slider && ["back", "forth", "first", "now"].includes(name);
    if (target.closest(WRITES) || document.querySelector("[role=dialog][aria-modal=true]")) return true;
    if (name === "toggle") return target.closest(PRESSES) !== null;
    return ["back", "forth", "first", "now"].includes(name) && target.closest(MOVES_BY_ARROWS) !== null;
  }

  function press(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !root.getClientRects().length) return;
    const name = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!name || taken(event.target, name)) return;
    if (event.repeat && name !== "back" && name !== "forth") return event.preventDefault();
    const done = name === "list" ? setOpen(panel.hidden) : name === "leave" && !panel.hidden ? setOpen(false) : act(name);
    if (done) event.preventDefault();
  }

  opener.onclick = () => setOpen(panel.hidden);
  document.addEventListener("keydown", press);

  return {
    setWords(words) {
      opener.setAttribute("aria-label", words.keys);
      opener.title = words.keys;
      panel.setAttribute("aria-label", words.keys);
      const rows = LISTED.map((name) => {
        const row = document.createElement("div");
        const key = Object.assign(document.createElement("dt"), { textContent: words[`key_${name}`] });
        row.append(key, Object.assign(document.createElement("dd"), { textContent: words[`does_${name}`] }));
        return row;
      });
      panel.replaceChildren(...rows);
    },
    destroy: () => document.removeEventListener("keydown", press),
  };
}
