// What lies over the curves, in HTML of our own: where a knob was turned, and the moment the timeline stands at.
// None of it is known to Plotly, so that moving it redraws no curve.

const FLAG_PX = 10; // marks nearer than this share one line

function makeOverlay({ host, scaleOf }) {
  const cursor = host.appendChild(Object.assign(document.createElement("div"), { className: "gs-cursor", hidden: true }));
  const flags = host.appendChild(document.createElement("div"));
  const pen = newCanvas(1, 1).getContext("2d");
  let marks = [];
  let labels = {};
  let words = {};
  let formats = {};
  let began = {}; // knob -> [[step, value], …]: as the run began, and where a fork went its own way
  let at = null; // the cursor's step
  let drawn = "";

  const written = (value) => (typeof value === "number" ? formats.value.format(value) : String(value));

  // Each mark in words: from what it was to what it is, where the first is known.
  function described() {
    const turned = new Map();
    return marks.map(({ step, name, value }) => {
      const [own, last] = [(began[name] ?? []).filter(([from]) => from <= step).at(-1), turned.get(name)];
      const old = last && last[0] >= (own?.[0] ?? 0) ? last[1] : own?.[1];
      turned.set(name, [step, value]);
      const facts = { name: labels[name] ?? name, old: written(old), new: written(value) };
      return { step, text: filled(old === undefined ? words.set : words.turned, facts) };
    });
  }

  function placeCursor(scale) {
    const share = scale && at !== null ? (at - scale.left) / (scale.right - scale.left) : -1;
    const inside = share >= 0 && share <= 1;
    if (cursor.hidden !== !inside) cursor.hidden = !inside;
    if (inside) cursor.style.transform = `translateX(${(scale.l + share * scale.width).toFixed(1)}px)`;
  }

  function flag({ x, step, texts }, scale) {
    const element = document.createElement("div");
    element.className = "gs-mark";
    element.style.left = `${x.toFixed(1)}px`;
    const where = filled(words.at_step, { step: formats.whole.format(step) });
    const button = Object.assign(document.createElement("button"), { type: "button", title: `${texts.join(", ")} · ${where}` });
    button.setAttribute("aria-label", button.title);
    const label = Object.assign(document.createElement("span"), { textContent: texts[texts.length - 1] });
    label.dataset.full = button.title;
    if (x > scale.l + scale.width / 2) element.dataset.side = "left";
    element.append(button, label);
    return element;
  }

  // Newest first: a label that would lie over one already placed shows itself only when it is pointed at.
  function hideCrowded(groups, elements, scale) {
    const taken = [];
    for (let i = groups.length - 1; i >= 0; i--) {
      const width = pen.measureText(groups[i].texts[groups[i].texts.length - 1]).width + 14;
      const left = elements[i].dataset.side ? groups[i].x - width : groups[i].x;
      const fits = left > scale.l && taken.every(([from, to]) => left + width < from || left > to);
      if (fits) taken.push([left, left + width]);
      elements[i].dataset.crowded = String(!fits);
    }
  }

  function place() {
    const scale = scaleOf();
    placeCursor(scale);
    const signature = scale && words.turned ? JSON.stringify([scale, marks.length, marks[marks.length - 1], labels]) : "";
    if (signature === drawn) return;
    drawn = signature;
    const groups = [];
    for (const { step, text } of signature ? described() : []) {
      const x = scale.l + ((step - scale.left) / (scale.right - scale.left)) * scale.width;
      const last = groups[groups.length - 1];
      if (x < scale.l || x > scale.l + scale.width) continue;
      if (last && x - last.x < FLAG_PX) last.texts.push(text);
      else groups.push({ x, step, texts: [text] });
    }
    if (scale) {
      host.style.setProperty("--gs-above", `${scale.t}px`);
      host.style.setProperty("--gs-below", `${host.clientHeight - scale.t - scale.height}px`);
    }
    pen.font = `11px ${getComputedStyle(host).fontFamily}`;
    const elements = groups.map((group) => flag(group, scale));
    hideCrowded(groups, elements, scale);
    flags.replaceChildren(...elements);
  }

  return {
    place,
    setMarks: (next) => ((marks = next), place()),
    setCursor: (step) => ((at = step), placeCursor(scaleOf())),
    setWords(nextWords, nextFormats, nextLabels, nextBegan) {
      [words, formats, labels, began, drawn] = [nextWords, nextFormats, nextLabels, nextBegan, "-"];
      place();
    },
  };
}
