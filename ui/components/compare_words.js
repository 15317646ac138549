// What the comparison says in words: its labels, the table of differences, which also is the curves' legend, and its notes.

function showWords(root, words) {
  const format = (options) => new Intl.NumberFormat(words.locale, options);
  const decimals = (count) => format({ minimumFractionDigits: count, maximumFractionDigits: count });
  const say = (selector, text) => (root.querySelector(selector).textContent = text);
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
  for (const unit of ["step", "images", "seconds"]) say(`[data-unit=${unit}]`, words[`over_${unit}`]);
  for (const name of ["living", "averaged"]) {
    Object.assign(root.querySelector(`[data-weights=${name}]`), { textContent: words[name], title: words[`${name}_help`] });
  }
  say("[data-tool=log]", words.log_scale);
  say("[data-tool=reset]", words.reset_zoom);
  const labels = { "[data-slot=units]": words.over, "[data-slot=weights]": words.weights, ".gs-stage": words.compared_alt };
  Object.assign(labels, { "[data-tool=smoothing]": words.smoothing, "[data-tool=moment]": words.moment });
  for (const [selector, text] of Object.entries(labels)) root.querySelector(selector).setAttribute("aria-label", text);
  return { whole: format({ maximumFractionDigits: 0 }), one: decimals(1), two: decimals(2) };
}

function element(name, text, facts = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...facts });
}

// The header of a run: its line, its name, its state; pressing it hides and shows its curves.
function headOf(run, words, onToggle) {
  const head = element("th", "", { scope: "col" });
  head.dataset.run = run.id;
  head.style.setProperty("--gs-run", `var(--gs-${run.colour})`);
  const button = element("button", "", { type: "button", title: words.show_run.replace("{run}", run.name) });
  button.innerHTML = '<svg class="gs-swatch" viewBox="0 0 26 4" aria-hidden="true"><path d="M0 2H26"/></svg>';
  button.querySelector("path").setAttribute("stroke-dasharray", SWATCHES[run.slot]);
  button.append(element("b", run.name));
  const press = () => button.setAttribute("aria-pressed", String(!run.hidden));
  button.onclick = () => (onToggle(run), press());
  press();
  head.append(button, element("small", ""));
  return head;
}

function showDifferences(root, { runs, differences, words }, onToggle) {
  const table = root.querySelector(".gs-differ table");
  const drawn = JSON.stringify([runs.map(({ id, name }) => [id, name]), differences, words.differs]);
  if (table.dataset.drawn === drawn) return;
  table.dataset.drawn = drawn;
  const corner = element("td", differences.length ? words.differs : words.no_difference);
  table.tHead.rows[0].replaceChildren(corner, ...runs.map((run) => headOf(run, words, onToggle)));
  table.tBodies[0].replaceChildren(
    ...differences.map(([label, ...texts]) => {
      const row = document.createElement("tr");
      row.append(element("th", label, { scope: "row" }), ...texts.map((text) => element("td", text)));
      return row;
    }),
  );
}

function showNotes(root, { notes, runs, axis_note, z_note, words }) {
  const say = (selector, text) => {
    const line = root.querySelector(selector);
    if (line.textContent !== text) line.textContent = text;
    line.hidden = !text;
  };
  say(".gs-notes", notes.join(" "));
  say(".gs-axis-note", axis_note);
  const images = runs.some(({ kind }) => kind === "image");
  say("[data-slot=tile]", images ? words.tile_hint : "");
  say("[data-slot=z]", images ? z_note : "");
}
