// Around the plane: buttons, speed, layers, the legend of D's verdict, figures, and the parts of a step.

const PACES = [1 / 7, 0.25, 0.5, 1, 2, 4, 7.9, 16, 30, 60, null]; // half-steps a second; seven parts make two of them
const PART_COUNT = 7;
const PLAYERS_OF_PARTS = ["", "generator", "generator", "critic", "critic", "critic", "generator", "generator"];
const LAYER_NAMES = ["reals", "fakes", "heat", "grid", "arrows", "trails"];
const FIGURES = {
  modes: (facts, formats) => [facts.modes == null ? null : `${formats.whole.format(facts.modes)}/${formats.whole.format(facts.of)}`, facts.of == null ? "" : `${formats.whole.format(facts.of)}/${formats.whole.format(facts.of)}`],
  on_mode: (facts, formats) => [facts.on_mode == null ? null : formats.share.format(facts.on_mode), formats.precise.format(0.989)],
  reverse_kl: (facts, formats) => [facts.reverse_kl == null ? null : formats.two.format(facts.reverse_kl), "0"],
  energy: (facts, formats) => [facts.energy == null ? null : formats.small(facts.energy), formats.small(Math.max(0, facts.energy_floor ?? 0))],
};
const PACE_WAIT_MS = 150;

function planeFormats(locale) {
  const formats = makeFormats(locale);
  const few = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2 });
  formats.precise = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  formats.small = (value) => (Math.abs(value) >= 1e-4 || !value ? few.format(value) : value.toExponential(0));
  return formats;
}

const putText = (element, text) => element.textContent !== text && (element.textContent = text);

function makePlaneTools({ root, send, onLayers }) {
  const find = (selector) => root.querySelector(selector);
  const slider = find(".pl-speed input");
  const [layersBox, stage, figures] = [find(".pl-layers"), find(".pl-stage"), find(".pl-figures")];
  let words = {};
  let formats = {};
  let layers = {};
  let timer = 0;
  let held = false; // the reader's own choice stands until the run has followed
  slider.max = PACES.length - 1;

  const press = (button) => {
    if (button.dataset.do) send({ name: button.dataset.do });
    if (button.dataset.step) send({ name: "step", player: button.dataset.step });
  };
  find(".pl-bar").onclick = ({ target }) => target.closest?.("button") && press(target.closest("button"));

  function showPace(pace) {
    const text = pace === null ? words.full_speed : pace < SLOW_BELOW ? filled(words.part_every, { seconds: formats.small(2 / (7 * pace)) }) : filled(words.steps_per_s, { rate: formats.rate.format(pace / 2) });
    putText(find(".pl-speed output"), text);
    slider.setAttribute("aria-valuetext", text);
  }

  slider.oninput = () => {
    const pace = PACES[slider.value];
    held = true;
    showPace(pace);
    clearTimeout(timer);
    timer = setTimeout(() => {
      send({ name: "pace", value: pace });
      timer = setTimeout(() => (held = false), 4000);
    }, PACE_WAIT_MS);
  };

  layersBox.onclick = ({ target }) => {
    const name = target.closest?.("button")?.dataset.layer;
    if (!name) return;
    layers = { ...layers, [name]: !layers[name] };
    showLayers();
    onLayers(layers);
    send({ name: "layers", layers });
  };

  function showLayers() {
    for (const button of layersBox.children) button.setAttribute("aria-pressed", String(Boolean(layers[button.dataset.layer])));
    find(".pl-legend").dataset.shown = String(Boolean(layers.heat));
  }

  const newElement = (tag, text = "", data = {}) => {
    const element = Object.assign(document.createElement(tag), { textContent: text });
    Object.assign(element.dataset, data);
    return element;
  };

  function setWords(nextWords, nextFormats) {
    [words, formats] = [nextWords, nextFormats];
    for (const element of root.querySelectorAll("[data-word]")) putText(element, words[element.dataset.word]);
    for (const button of root.querySelectorAll("[data-step]")) Object.assign(button, { textContent: words[button.dataset.step], title: words[`${button.dataset.step}_help`] });
    for (const name of ["toggle", "rewind"]) find(`[data-do=${name}]`).title = words[`${name}_help`];
    find("[data-label=single]").setAttribute("aria-label", words.single);
    slider.setAttribute("aria-label", words.speed);
    layersBox.setAttribute("aria-label", words.layers);
    layersBox.replaceChildren(...LAYER_NAMES.map((name) => {
      const button = Object.assign(newElement("button", "", { layer: name }), { type: "button", title: words[`${name}_help`] });
      button.append(document.createElement("i"), words[name]);
      return button;
    }));
    showLayers();
    stage.setAttribute("aria-label", words.parts);
    stage.querySelector("ol").replaceChildren(...range(PART_COUNT).map((i) => {
      const item = document.createElement("li");
      item.style.setProperty("--gs-player", `var(--gs-${PLAYERS_OF_PARTS[i + 1]})`);
      item.append(newElement("span", words[`part_${i + 1}`]));
      return item;
    }));
    showPart(0);
    figures.setAttribute("aria-label", words.figures);
    figures.replaceChildren(...Object.keys(FIGURES).map((name) => {
      const box = Object.assign(newElement("div", "", { figure: name }), { title: words[`${name}_help`] });
      const value = document.createElement("dd");
      value.append(newElement("span", "–"), newElement("small", " "));
      box.append(newElement("dt", words[name]), value);
      return box;
    }));
  }

  // `knobs` are the run's, as far as they are known.
  function showPart(part, knobs = {}) {
    [...stage.querySelectorAll("li")].forEach((item, i) => (i + 1 === part ? item.setAttribute("aria-current", "step") : item.removeAttribute("aria-current")));
    const many = part === 5 && knobs.critic_steps > 1;
    putText(stage.querySelector("p"), many ? filled(words.says_5_many, { count: formats.whole.format(knobs.critic_steps) }) : words[`says_${part}`]);
  }

  // null: none are known.
  function showFigures(facts) {
    for (const box of figures.children) {
      const [value, ideal] = facts ? FIGURES[box.dataset.figure](facts, formats) : [null, ""];
      const [number, small] = box.querySelectorAll("span, small");
      putText(number, value ?? "–");
      putText(small, value === null || !ideal ? " " : filled(words.ideal, { value: ideal }));
    }
  }

  return {
    setWords,
    showPart,
    showFigures,
    setLayers: (next) => ((layers = { ...next }), showLayers()),
    setPace(pace) {
      const index = PACES.reduce((best, one, i) => (one === pace || (pace !== null && one !== null && Math.abs(Math.log(one / pace)) < Math.abs(Math.log((PACES[best] ?? 1e9) / pace))) ? i : best), PACES.length - 1);
      if (held && Number(slider.value) !== index) return;
      held = false;
      slider.value = index;
      showPace(pace);
    },
    showLegend(scale, verdict) {
      const [fake, real] = scale.ends.map((value) => formats.rate.format(Number(value.toPrecision(2))));
      putText(find("[data-legend=fake]"), filled(words.fake_end, { value: fake }));
      putText(find("[data-legend=real]"), filled(words.real_end, { value: real }));
      const facts = { words: verdict.words, value: scale.level };
      putText(find("[data-legend=words]"), filled(scale.level === null ? words.legend : words.legend_level, facts));
      find(".pl-scale").dataset.level = String(scale.level !== null);
    },
    showState(state, mayControl) {
      const goes = state === "running" || state === "preparing";
      putText(find("[data-slot=toggle]"), goes ? words.pause : words.play);
      const idle = !["running", "paused"].includes(state);
      find("[data-do=toggle]").disabled = !mayControl || state === "stopping";
      for (const button of root.querySelectorAll("[data-step]")) button.disabled = !mayControl || (idle && state !== null);
      find("[data-do=rewind]").disabled = !mayControl || state === null;
      slider.disabled = !mayControl;
      find(".pl-bar").title = mayControl ? "" : words.no_control;
    },
    showPlace(step, rate) {
      putText(find("[data-slot=step]"), step === null ? "–" : formats.whole.format(step));
      putText(find("[data-slot=rate]"), Number.isFinite(rate) ? filled(words.steps_per_s, { rate: formats.rate.format(rate) }) : "");
    },
    destroy: () => clearTimeout(timer),
  };
}
