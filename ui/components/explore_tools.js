// The bar of tools, keys that work anywhere on the page, words onto their places, and what is said when something cannot be had.

const NOTICE_FOR_MS = 4000;

// Words of the page onto every element that names one.
function spell(root, words, facts) {
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = filled(words[element.dataset.word], facts);
  for (const element of root.querySelectorAll("[data-label]")) {
    const text = words[element.dataset.label];
    element.setAttribute("aria-label", text);
    if (element.tagName === "BUTTON") element.title = text;
  }
  for (const button of root.querySelectorAll("[data-weights]")) {
    button.textContent = words[button.dataset.weights];
    button.title = words[`${button.dataset.weights}_help`];
  }
  for (const option of root.querySelectorAll("[data-do=rail] option")) option.textContent = words[`kind_${option.value}`];
  root.querySelector(".ex-psi").title = words.psi_help;
  root.querySelector(".ex-shot").dataset.waiting = words.waiting;
  for (const name of ["drift", "shuffle", "keep", "walk"]) root.querySelector(`[data-do=${name}]`).title = words[`${name}_help`];
}

function makeSaid(root) {
  const line = root.querySelector(".ex-message");
  const notes = root.querySelector(".ex-said");
  const cover = root.querySelector(".ex-cover");
  const places = { pad: cover };
  for (const [lane, panel] of [["gradient", "critic"], ["near", "near"], ["film", "time"]]) places[lane] = root.querySelector(`[data-panel=${panel}] .ex-trouble`);
  places.follow = places.gradient;
  places["directions-classes-0"] = root.querySelector(".ex-pad .ex-trouble");
  let timer = 0;

  function set(element, text) {
    write(element, text);
    if (element.hidden !== !text) element.hidden = !text;
  }

  return {
    message: (text) => set(line, text),
    notice(text) {
      clearTimeout(timer);
      notes.textContent = text;
      timer = setTimeout(() => (notes.textContent = ""), NOTICE_FOR_MS);
    },
    trouble(lane, text) {
      if (!places[lane]) return;
      set(places[lane], text);
      places[lane].closest(".ex-panel, .ex-picture, .ex-pad").dataset.trouble = "true";
    },
    // This lane has what it asked for; without one, all have.
    clear(lane) {
      for (const place of lane ? [places[lane]].filter(Boolean) : Object.values(places)) {
        set(place, "");
        place.closest(".ex-panel, .ex-picture, .ex-pad").dataset.trouble = "false";
      }
    },
    destroy: () => clearTimeout(timer),
  };
}

// Switches of two buttons: the pressed one is named in `dataset[name]`.
function bindSwitch(root, name, { first, onChoose }) {
  const buttons = [...root.querySelectorAll(`[data-${name}]`)];
  const show = (value) => buttons.forEach((button) => button.setAttribute("aria-pressed", button.dataset[name] === value));
  for (const button of buttons) {
    button.onclick = () => {
      show(button.dataset[name]);
      onChoose(button.dataset[name]);
    };
  }
  if (first) show(first);
}

function bindExplorer({ root, place, pad, critic, wall, time, pieces, say, words, choose, isTime, chooseAxis, image, linked, report }) {
  const tool = (name) => root.querySelector(`[data-do=${name}]`);
  const still = (act) => () => {
    pad.halt();
    act();
  };

  tool("shuffle").onclick = still(() => place.sow(Math.floor(Math.random() * 1e6)));
  tool("seed").onchange = still(() => {
    const seed = Math.round(Number(tool("seed").value));
    if (tool("seed").value !== "" && seed >= 0 && seed <= 999999) place.sow(seed);
    else tool("seed").value = place.seed ?? "";
  });
  tool("reset").onclick = still(place.reset);
  tool("undo").onclick = still(place.undo);
  tool("redo").onclick = still(place.redo);
  tool("drift").onclick = pad.toggleDrift;
  tool("keep").onclick = image.keep;
  // A seed by its number; whatever else by its numbers as the network is given them, for a walk knows no truncation.
  tool("walk").onclick = still(() => {
    const { weights, at, class: label = "" } = linked();
    const [seed, z] = place.seed !== null && place.psi === 1 ? [String(place.seed), ""] : ["", textOf(place.given(place.z))];
    report.command({ name: "walk", weights, at, seed, z, label });
  });
  tool("link").onclick = () => copyText(addressOf(linked())).then(() => say.notice(words().copied));
  tool("time").onclick = () => chooseAxis("y", axisOf(isTime() ? "sefa-2" : TIME));
  wall.spread.oninput = pieces.look;

  bindSwitch(root, "weights", { onChoose: choose });
  bindSwitch(root, "way", {
    first: "plane",
    onChoose(way) {
      wall.setMode(way);
      pieces.look();
    },
  });
  bindSwitch(root, "along", {
    first: "z",
    onChoose(along) {
      critic.setAlong(along);
      pieces.look();
    },
  });

  const onKey = (event) => {
    if (!root.isConnected) return document.removeEventListener("keydown", onKey);
    const typing = event.target.matches?.("input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable]");
    if (typing || event.altKey || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return undefined;
    event.preventDefault();
    pad.halt();
    return event.shiftKey ? place.redo() : place.undo();
  };
  document.addEventListener("keydown", onKey);

  return {
    show() {
      tool("undo").disabled = !place.canUndo;
      tool("redo").disabled = !place.canRedo;
      if (document.activeElement !== tool("seed")) tool("seed").value = place.seed ?? "";
    },
    // A kept moment has the averaged generator alone.
    showWeights(weights) {
      for (const button of root.querySelectorAll("[data-weights]")) {
        const name = button.dataset.weights;
        button.setAttribute("aria-pressed", name === (time.at === null ? weights : "averaged"));
        button.disabled = time.at !== null && name === "living";
      }
    },
  };
}

// What the page is told: where one is, once for each place that comes to rest, and commands. Numbered, so that the same command
// given twice is two.
function makeReport({ tell, linked }) {
  let number = 0;
  let told = "";
  const numbered = (name, facts) => {
    number += 1;
    tell(name, { ...facts, n: number });
  };
  return {
    begin() {
      told = JSON.stringify(linked());
    },
    place() {
      const facts = linked();
      if (!facts.run || JSON.stringify(facts) === told) return;
      told = JSON.stringify(facts);
      numbered("place", facts);
    },
    command: (command) => numbered("command", command),
  };
}

// What a link says, as the page's address; what stands there by default is left out.
function addressOf({ asked, ...facts }) {
  const usual = { x: "sefa-1", y: "sefa-2", psi: "1", weights: "averaged", at: "", seed: "0", class: "0" };
  const target = new URL(location.href);
  target.search = new URLSearchParams(Object.entries(facts).filter(([name, value]) => usual[name] !== value));
  return target.href;
}
