// The live view of one run: a socket in, numbers, pictures and curves out. Streamlit calls the default export again after each
// rerun; the view lives on the root element, so that socket, zoom and curves stay as they are.

const ENDED = ["stopped", "finished", "failed", "interrupted"];

function makeView(root) {
  const find = (selector) => root.querySelector(selector);
  const slot = Object.fromEntries([...root.querySelectorAll("[data-slot]")].map((element) => [element.dataset.slot, element]));
  const pictures = { fakes: find(".gs-fakes canvas"), reals: find(".gs-reals canvas") };
  const preferences = loadPreferences();
  const shown = {}; // slot -> text, so that an unchanged number costs no layout
  let data = {};
  let words = {};
  let colours = {};
  let tell = () => {};
  let latest = {}; // the newest samples, reals and state of this run
  let told = null; // the state the page was last asked to look at
  let link = "opening";
  let renewed = false;
  let formats = {};

  const onZoom = (on) => (find("[data-tool=reset]").disabled = !on);
  const chart = makeChart({ host: find(".gs-plot"), tail: find(".gs-tail"), onZoom, onDraw: showNumbers });
  const socket = makeSocket({ onFrame: takeFrame, onLink: setLink, onExpired: renew });
  const repaint = new ResizeObserver(paint);
  Object.values(pictures).forEach((canvas) => repaint.observe(canvas));

  function write(name, text) {
    if (shown[name] !== text) slot[name].textContent = shown[name] = text;
  }

  // What tests and CSS read; an attribute written with its old value would still be a change to the browser.
  function mark(facts) {
    for (const [name, value] of Object.entries(facts)) if (root.dataset[name] !== String(value)) root.dataset[name] = value;
  }

  function setLink(next) {
    link = next;
    mark({ connected: next === "open" });
    if (next === "open") renewed = false;
    showState();
  }

  // A ticket is good for a while; the page makes a new one at each rerun, so ask for one, and only once for each time it helped.
  function renew() {
    if (renewed) return setLink("refused");
    renewed = true;
    setLink("lost");
    tell("renew");
    setTimeout(() => socket.idle && link === "lost" && setLink("refused"), 5000);
  }

  function showState() {
    const state = latest.state ?? data.state;
    const away = link === "lost" && !ENDED.includes(state);
    mark({ state: state ?? "", away });
    write("state", away ? words.reconnecting : words[`state_${state}`] ?? state ?? "");
    const message = link === "refused" ? words.refused : state === "failed" ? words.failed : "";
    const line = find(".gs-message");
    if (line.textContent !== message) line.textContent = message;
    if (line.hidden !== !message) line.hidden = !message;
  }

  // Called with the curves' drawing, five times a second: faster numbers cannot be read, and each costs a layout.
  function showNumbers() {
    const { place, rates } = latest;
    if (place) {
      write("step", formats.whole.format(place.step));
      write("epoch", formats.two.format(place.epoch));
      const seconds = Math.floor(place.elapsed_s);
      const clock = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
      write("elapsed", `${Math.floor(seconds / 3600)}:${clock}`);
      slot.pass.style.transform = `scaleX(${(place.epoch % 1).toFixed(3)})`;
    }
    if (rates) {
      write("images_per_s", formats.rate.format(rates.images_per_s));
      write("steps_per_s", formats.rate.format(rates.steps_per_s));
    }
  }

  function showPreparing(preparing) {
    const box = find(".gs-preparing");
    if (box.hidden !== !preparing) box.hidden = !preparing;
    if (!preparing) return;
    const { what, done, total, unit } = preparing;
    const amount = (count) => (unit === "bytes" ? formats.megabytes.format(count / 1e6) : formats.whole.format(count));
    const text = total ? words.prepared_of : words.prepared;
    const values = { what, done: amount(done), total: amount(total), unit: words[`unit_${unit}`] ?? unit };
    box.firstElementChild.textContent = text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
    if (total) box.lastElementChild.value = done / total;
    else box.lastElementChild.removeAttribute("value");
  }

  // A page that shows another state than the run is in is told so, once per change: the rerun brings its buttons up to date.
  function compareState(state) {
    if (state === data.state) told = null;
    else if (state !== told) tell("state", (told = state));
  }

  function takeFrame(frame) {
    if (frame.run !== data.run) return;
    const { state, message, place, rates } = frame;
    Object.assign(latest, { state, message, place, rates });
    if (place) mark({ step: place.step, epoch: place.epoch });
    showPreparing(frame.preparing);
    if (frame.rows) mark({ rows: chart.add(frame.rows) });
    chart.schedule();
    if (frame.reals) latest.reals = frame.reals;
    if (frame.samples) latest.samples = frame.samples;
    if (frame.samples || frame.reals) paint();
    showState();
    compareState(frame.state);
  }

  function paint() {
    if (document.hidden) return; // painted when the page is looked at again
    const { samples, reals } = latest;
    if (data.kind === "plane") paintPlane(pictures.fakes, reals, samples?.[preferences.weights], colours);
    else {
      if (samples) paintGrid(pictures.fakes, samples[preferences.weights]);
      else fitCanvas(pictures.fakes);
      if (reals) paintGrid(pictures.reals, reals);
      else fitCanvas(pictures.reals);
    }
    write("drawn", samples ? words.at_step.replace("{step}", formats.whole.format(samples.step)) : "");
    mark({ samplesStep: samples?.step ?? "" });
  }

  function showChoices() {
    for (const button of root.querySelectorAll("[data-weights]")) {
      button.setAttribute("aria-pressed", String(button.dataset.weights === preferences.weights));
    }
    find("[data-tool=log]").setAttribute("aria-pressed", String(preferences.log));
    find("input").value = preferences.smoothing;
    find("output").textContent = formats.fixed.format(preferences.smoothing);
  }

  function choose(change) {
    Object.assign(preferences, change);
    savePreferences(preferences);
    showChoices();
    if ("weights" in change) paint();
    else chart.setSettings(change);
  }

  function showWords() {
    const format = (options) => new Intl.NumberFormat(words.locale, options);
    const decimals = (count) => format({ minimumFractionDigits: count, maximumFractionDigits: count });
    formats = { whole: format({ maximumFractionDigits: 0 }), two: decimals(2), fixed: decimals(2), megabytes: decimals(1) };
    formats.rate = format({ maximumSignificantDigits: 3 });
    for (const element of root.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
    for (const name of ["living", "averaged"]) {
      const button = find(`[data-weights=${name}]`);
      Object.assign(button, { textContent: words[name], title: words[`${name}_help`] });
    }
    find(".gs-switch").setAttribute("aria-label", words.weights);
    find("input").setAttribute("aria-label", words.smoothing);
    find("[data-tool=log]").textContent = words.log_scale;
    find("[data-tool=reset]").textContent = words.reset_zoom;
    pictures.fakes.setAttribute("aria-label", data.kind === "plane" ? words.plane_alt : words.fakes_alt);
    pictures.reals.setAttribute("aria-label", words.reals_alt);
    find(".gs-stage").setAttribute("aria-label", words.curves_alt);
    showChoices();
  }

  function startOver() {
    latest = {};
    told = null;
    renewed = false;
    link = "opening";
    chart.clear();
    for (const name of ["step", "epoch", "images_per_s", "steps_per_s", "elapsed"]) write(name, "–");
    slot.pass.style.transform = "scaleX(0)";
    mark({ step: 0, epoch: 0, rows: 0 });
    showPreparing(null);
  }

  find(".gs-switch").onclick = ({ target }) => target.dataset.weights && choose({ weights: target.dataset.weights });
  find("input").oninput = ({ target }) => choose({ smoothing: Number(target.value) });
  find("[data-tool=log]").onclick = () => choose({ log: !preferences.log });
  find("[data-tool=reset]").onclick = () => chart.resetZoom();
  document.addEventListener("visibilitychange", paint);
  chart.setSettings(preferences);

  function update(next, send) {
    const before = data;
    const changed = (key) => JSON.stringify(before[key]) !== JSON.stringify(next[key]);
    const newRun = changed("run");
    const fresh = Object.fromEntries(["words", "kind", "figure", "token", "state"].map((key) => [key, changed(key)]));
    data = next;
    words = data.words;
    tell = send;
    root.dataset.kind = data.kind;
    if (fresh.words || fresh.kind) showWords();
    if (newRun) startOver();
    const mode = isDark(root) ? "dark" : "light";
    if (root.dataset.mode !== mode || changed("palette")) {
      root.dataset.mode = mode;
      colours = data.palette[mode];
      for (const [name, colour] of Object.entries(colours)) root.style.setProperty(`--gs-${name}`, colour);
      chart.setColours(colours);
      paint();
    }
    if (fresh.figure) {
      showHeads(find(".gs-heads"), data.figure);
      chart.setFigure(data.figure, data.plotly);
    }
    if (fresh.state) told = null;
    socket.aim(data);
    // An ended run's socket has said all and stays closed, until the page says that the run goes on.
    const goesOn = fresh.state && link === "done" && !ENDED.includes(data.state);
    const retry = fresh.token && socket.idle && link !== "done";
    if (newRun || goesOn || retry) socket.open();
    if (newRun || fresh.words || fresh.kind) paint();
    showState();
  }

  return {
    update,
    destroy() {
      socket.close();
      chart.destroy();
      repaint.disconnect();
      document.removeEventListener("visibilitychange", paint);
    },
  };
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".gs-view");
  root.gsView ??= makeView(root);
  root.gsView.update(data, (name, value = true) => setTriggerValue(name, value));
  return () => {
    root.gsView?.destroy();
    delete root.gsView;
  };
}
