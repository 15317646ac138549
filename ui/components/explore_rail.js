// Sliders: the six strongest directions with what they lead to, truncation, and every coordinate of z for those who want it.

const STRONGEST = 6;

function makeRail({ root, place, directions, onKind }) {
  const list = root.querySelector(".ex-sliders");
  const kind = root.querySelector("[data-do=rail]");
  const psi = root.querySelector("[data-do=psi]");
  const more = root.querySelector(".ex-more");
  const numbers = more.querySelector(".ex-numbers");
  let words = {};
  let formats = {};
  let still = 0;
  let rows = []; // { row, strength }, null until they have come

  // A browser tells no change of a value that the page has set meanwhile: stillness says so as well.
  function slides(input, go) {
    input.oninput = () => {
      go(Number(input.value));
      clearTimeout(still);
      still = setTimeout(place.settle, 400);
    };
    input.onchange = place.settle;
  }

  const sliders = Array.from({ length: STRONGEST }, (_, i) => {
    const item = list.appendChild(document.createElement("li"));
    item.innerHTML = '<label><b></b><input type="range" min="-3" max="3" step="0.05" value="0"><output></output></label><canvas aria-hidden="true"></canvas>';
    const [label, input, output, canvas] = ["b", "input", "output", "canvas"].map((name) => item.querySelector(name));
    input.disabled = true;
    slides(input, (value) => rows && place.goAlong(rows[i].row, value));
    return { item, label, input, output, tiles: makeTiles(canvas, { across: CELLS }) };
  });

  kind.onchange = () => onKind(kind.value);
  slides(psi, place.setPsi);
  more.addEventListener("toggle", () => {
    fillNumbers();
    show();
  });

  const shown = (input, value) => {
    if (Math.abs(Number(input.value) - value) > 0.5 * input.step) input.value = value;
    input.style.setProperty("--ex-at", `${(100 * (Math.max(input.min, Math.min(input.max, value)) - input.min)) / (input.max - input.min)}%`);
  };

  // The inputs of single coordinates are made when somebody asks for them: there may be hundreds.
  function fillNumbers() {
    if (!more.open || numbers.childElementCount === place.z.length) return;
    numbers.replaceChildren();
    place.z.forEach((_, i) => {
      const label = numbers.appendChild(document.createElement("label"));
      label.innerHTML = '<span></span><input type="range" min="-3" max="3" step="0.05">';
      const [name, input] = label.children;
      name.textContent = formats.whole.format(i + 1);
      input.setAttribute("aria-label", filled(words.coordinate_of, { number: formats.whole.format(i + 1) }));
      slides(input, (value) => place.setNumber(i, value));
    });
  }

  function show() {
    sliders.forEach(({ item, label, input, output }, i) => {
      const found = rows?.[i];
      if (item.hidden !== (Boolean(rows) && !found)) item.hidden = !item.hidden;
      if (input.disabled !== !found) input.disabled = !found;
      const value = found ? rounded(dot(place.z, found.row)) : 0;
      const share = found && found.strength > 0 && found.strength < 1 ? ` · ${formats.share.format(found.strength)}` : "";
      write(label, `${formats.whole.format(i + 1)}${share}`);
      shown(input, value);
      write(output, found ? formats.two.format(value) : "");
    });
    shown(psi, place.psi);
    write(root.querySelector("[data-slot=psi]"), formats.two?.format(place.psi) ?? "");
    if (more.open) for (const [i, label] of [...numbers.children].entries()) shown(label.lastElementChild, rounded(place.z[i] ?? 0));
  }

  return {
    show,
    list,
    get kind() {
      return kind.value;
    },
    // The directions' vectors may have come, or are others now.
    refresh() {
      rows = directions.strongest(kind.value, STRONGEST);
      fillNumbers();
      show();
    },
    get key() {
      return rows ? `${kind.value} ${place.key}` : null;
    },
    // z at seven places along each slider.
    places() {
      return stacked(
        rows.flatMap(({ row }) => {
          const now = dot(place.z, row);
          return Array.from({ length: CELLS }, (_, cell) => place.given(Float32Array.from(place.z, (value, i) => value + (nodeOf(cell) - now) * row[i])));
        }),
      );
    },
    take({ shape: [count, ...rest], values }) {
      const size = rest.reduce((a, b) => a * b, CELLS);
      sliders.forEach(({ tiles }, i) => (i + 1) * CELLS <= count && tiles.paint({ shape: [CELLS, ...rest], values: values.subarray(i * size, (i + 1) * size) }));
    },
    clear: () => sliders.forEach(({ tiles }) => tiles.clear()),
    again: () => sliders.forEach(({ tiles }) => tiles.again()),
    setWords(nextWords, nextFormats) {
      [words, formats] = [nextWords, nextFormats];
      sliders.forEach(({ input }, i) => input.setAttribute("aria-label", filled(words.slider, { number: formats.whole.format(i + 1) })));
      show();
    },
  };
}
