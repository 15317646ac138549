// The formula of the game, living: what both players minimise, each term with its present value; a term that is pointed at or
// focused lights its curve and says what it wants. A piece of any view: `host` is a <details>, and nothing here knows a run.

const FORMULA_OPEN = "ganscope.formula";
let formulas = 0; // for names that may stand only once on a page

function rememberedOpen() {
  try {
    return JSON.parse(localStorage.getItem(FORMULA_OPEN)) ?? window.innerWidth > 640;
  } catch {
    return window.innerWidth > 640;
  }
}

function rememberOpen(open) {
  try {
    localStorage.setItem(FORMULA_OPEN, JSON.stringify(open));
  } catch {
    // A browser that keeps nothing forgets a fold: no reason to stop.
  }
}

// The language of mathematics: under another, a browser may take its signs from that language's letters.
const mathOf = (inner) => `<span lang="en"><math display="inline">${inner}</math></span>`;
const lossOf = (letter, player) => `<msub><mi class="gs-${player}">L</mi><mi class="gs-${player}">${letter}</mi></msub>`;

// `facts()` returns {values, knobs}: values of curves and knobs as they stand, either may be undefined. `onLight(curve)` is called
// with the curve of the term in hand, null for none. `colours`: CSS variables --gs-critic, --gs-generator, --gs-real, if the view has none.
function makeFormula({ host, onLight, facts, colours }) {
  const name = `gs-formula-${(formulas += 1)}`;
  let formula = null;
  let formats = null;
  let slots = []; // {output, curve, own}: own where the number is the term's own value
  let pinned = null;
  let shown = null; // the button in hand
  let said = null;
  for (const [key, colour] of Object.entries(colours ?? {})) host.style.setProperty(`--gs-${key}`, colour);

  function noteOf(button) {
    const { words } = formula;
    const { knobs = {} } = facts();
    const notes = [button.dataset.help];
    const number = (key) => formats.value.format(knobs[key === "smoothing" ? "label_smoothing" : key] ?? formula[key]);
    if (button.dataset.weighed) notes.push(filled(words.gamma, { gamma: number("gamma") }));
    if (button.dataset.smoothed) notes.push(filled(words.smoothing, { smoothing: number("smoothing") }));
    return notes.join(" ");
  }

  function light(button) {
    if (button === shown) return;
    shown?.classList.remove("gs-lit");
    shown = button;
    button?.classList.add("gs-lit");
    const coarse = window.matchMedia("(pointer: coarse)").matches;
    said.textContent = button ? noteOf(button) : formula.words[coarse ? "hint_touch" : "hint"];
    said.dataset.idle = !button;
    onLight(button?.dataset.curve || null);
  }

  // The math is from our own registries, never from a reader.
  function newButton(line, { math, help, curve, reads = "", weighed, smoothed }) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "gs-term" });
    Object.assign(button.dataset, { curve, help, player: line.player });
    if (weighed) button.dataset.weighed = "true";
    if (smoothed) button.dataset.smoothed = "true";
    button.setAttribute("aria-describedby", name);
    button.innerHTML = mathOf(math);
    if (curve) {
      const value = document.createElement("small");
      if (reads) value.innerHTML = mathOf(reads);
      const output = document.createElement("b");
      value.append(" = ", output);
      button.append(value);
      slots.push({ output, curve });
    }
    button.onpointerenter = ({ pointerType }) => pointerType === "mouse" && light(button);
    button.onpointerleave = ({ pointerType }) => pointerType === "mouse" && light(pinned);
    button.onfocus = () => light(button);
    button.onblur = () => ((pinned = null), light(null));
    button.onclick = () => light((pinned = pinned === button ? null : button));
    return button;
  }

  function newLine(line) {
    const row = Object.assign(document.createElement("p"), { className: "gs-line" });
    const { words } = formula;
    const penalised = line.terms.some(({ weighed }) => weighed);
    const help = [words[`loss_${line.player}`], penalised ? words.with_penalty : ""].join(" ").trim();
    const loss = newButton(line, { math: lossOf(line.letter, line.player), help, curve: line.curve });
    // A sign stays with its term where a line breaks.
    const part = (sign, button) => {
      const piece = Object.assign(document.createElement("span"), { className: "gs-part" });
      piece.append(Object.assign(document.createElement("span"), { className: "gs-sign", textContent: sign }), button);
      return piece;
    };
    const signOf = ({ sign }, i) => (i ? sign : sign === "+" ? "=" : `= ${sign}`);
    row.append(loss, ...line.terms.map((term, i) => part(signOf(term, i), newButton(line, term))));
    return row;
  }

  function set(next, itsFormats) {
    formats = itsFormats;
    if (JSON.stringify(next) === JSON.stringify(formula)) return;
    [formula, slots, shown, pinned] = [next, [], null, null];
    const summary = Object.assign(document.createElement("summary"), { textContent: formula.words.title });
    said = Object.assign(document.createElement("p"), { id: name, className: "gs-said" });
    host.replaceChildren(summary, ...formula.lines.map(newLine), said);
    said.textContent = "";
    shown = undefined; // so that the hint is written
    light(null);
    show();
  }

  // The terms of a player at work, by the beginning of their curves' names; all but the loss where none has one, none without a player.
  function work(player, curve) {
    const all = [...host.querySelectorAll(".gs-term")].filter((button) => button.dataset.player === player);
    const named = all.filter((button) => button.dataset.curve.startsWith(curve));
    for (const button of host.querySelectorAll(".gs-work")) button.classList.remove("gs-work");
    for (const button of named.length ? named : all.slice(1)) button.classList.add("gs-work");
  }

  function show() {
    if (!formula || !host.open) return;
    const { values } = facts();
    for (const { output, curve } of slots) {
      const value = values?.[curve];
      const text = Number.isFinite(value) ? formats.value.format(Number(value.toPrecision(3))) : "–";
      if (output.textContent !== text) output.textContent = text;
    }
  }

  host.open = rememberedOpen();
  host.ontoggle = () => {
    rememberOpen(host.open);
    show();
  };
  host.onkeydown = (event) => {
    if (event.key !== "Escape" || !shown) return; // and nothing returned: `false` would keep Tab, Enter and Space from doing what they do
    event.stopPropagation();
    shown.blur();
  };

  return { set, show, work, clear: () => show(), setWords: (words, itsFormats, data) => data.formula && set(data.formula, itsFormats) };
}
