// Runs side by side: a socket a run in, curves over each other, and one slider for what all of them drew. Streamlit calls the default
// export again after each rerun; the view lives on the root element, so that sockets, zoom and slider stay as they are.

function makeCompare(root) {
  const find = (selector) => root.querySelector(selector);
  const preferences = loadPreferences();
  const slider = find("[data-tool=moment]");
  let data = {};
  let words = {};
  let colours = {};
  let formats = {};
  let tell = () => {};
  let runs = []; // as compare_runs.js keeps them
  let unit = null;
  let place = null; // of the slider on the x axis; null: where the last run is now
  let end = 1; // of the slider
  let frame = 0;

  const chart = makeOverlay({
    ...{ host: find(".gs-plot"), heads: find(".gs-heads"), cursors: find(".gs-cursors") },
    onZoom: (on) => (find("[data-tool=reset]").disabled = !on),
    onPick: (x) => moveTo(x),
  });
  const watched = makeRuns({ onChange: schedule, onRows: () => chart.schedule(), onState: showState });
  const grids = makeGrids({ box: find(".gs-grids"), onTile: schedule });
  const resized = new ResizeObserver(schedule);
  resized.observe(find(".gs-ticks"));

  function schedule() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      paint();
    });
  }

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);

  function showState(run) {
    const state = run.latest.state ?? run.state;
    const away = run.link === "lost" && !ENDED.includes(state);
    const text = run.link === "refused" ? words.refused : away ? words.reconnecting : (words[`state_${state}`] ?? state);
    const where = run.latest.place ? ` · ${fill(words.at_step, { step: formats.whole.format(run.latest.place.step) })}` : "";
    const line = root.querySelector(`.gs-differ th[data-run="${run.id}"] small`);
    if (line && line.textContent !== text + where) line.textContent = text + where;
    if (line) line.dataset.state = away ? "away" : state;
    const facts = { open: runs.filter(({ link }) => link === "open" || link === "done").length, rows: runs.map(({ store }) => store.length).join() };
    for (const [name, value] of Object.entries(facts)) if (root.dataset[name] !== String(value)) root.dataset[name] = value;
  }

  // The places of a run's moments in the chosen unit, ascending.
  const placesOf = (run) => run.moments.steps.map((step) => placeOf(run.store, step, unit));

  function nearest(places, to) {
    const after = rowAt(places, places.length, to);
    return after && (after === places.length || to - places[after - 1] <= places[after] - to) ? after - 1 : after;
  }

  function paint() {
    if (document.hidden || !unit || !runs.length) return;
    const all = runs.map(placesOf);
    end = Math.max(1e-9, ...all.map((places) => places[places.length - 1] ?? 0));
    const here = place === null ? end : Math.min(place, end);
    showSlider(here);
    chart.setCursor(here);
    paintTicks(find(".gs-ticks"), runs.map(({ colour }, i) => ({ colour, shares: all[i].map((x) => x / end) })), colours);
    runs.forEach((run, i) => {
      const index = nearest(all[i], here);
      const moment = all[i].length ? run.moments.look(preferences.weights, Math.min(index, all[i].length - 1)) : null;
      const over = moment && !run.alive && here > 1.02 * all[i][all[i].length - 1];
      const text = moment ? fill(words.drawn_at, { step: formats.whole.format(moment.step), epoch: formats.one.format(moment.epoch) }) : "";
      grids.paint(run, moment, { colours, words, note: over ? `${text} · ${words.its_last}` : text, verdict });
    });
  }

  const verdict = (value) => (data.axis_note || !Number.isFinite(value) ? "" : fill(words.verdict, { value: formats.two.format(value) }));

  function showSlider(here) {
    if (Number(slider.max) !== end) slider.max = end;
    if (Number(slider.value) !== here) slider.value = here;
    const amount = unit === "step" ? formats.whole.format(here) : unit === "images" ? formats.whole.format(here) : formats.one.format(here);
    const text = fill(words[`at_${unit}`], { step: amount, count: amount }) + (place === null ? ` · ${words.latest}` : "");
    const line = find(".gs-place");
    if (line.textContent === text) return;
    line.textContent = text;
    slider.setAttribute("aria-valuetext", text);
  }

  function moveTo(next) {
    place = next >= 0.9995 * end ? null : Math.max(0, next);
    schedule();
  }

  // Arrow keys go from moment to moment, whichever run keeps it; the other keys are the browser's.
  slider.onkeydown = (event) => {
    const direction = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!direction || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const here = place ?? end;
    const least = end * 1e-6;
    const beyond = runs.flatMap(placesOf).filter((x) => (x - here) * direction > least);
    if (beyond.length) moveTo(direction > 0 ? Math.min(...beyond) : Math.max(...beyond));
  };
  slider.oninput = () => moveTo(Number(slider.value));
  slider.onpointerdown = () => chart.hold(true);

  function setUnit(next) {
    if (next === unit) return;
    const guide = runs.find((run) => !run.hidden && run.store.length) ?? runs[0];
    if (place !== null && guide) place = placeOf(guide.store, stepOf(guide.store, place, unit), next);
    unit = next;
    chart.setUnit(next);
    showChoices();
    schedule();
  }

  function showChoices() {
    const press = (name, chosen) => {
      for (const button of root.querySelectorAll(`button[data-${name}]`)) button.setAttribute("aria-pressed", String(button.dataset[name] === chosen));
    };
    press("unit", unit);
    press("weights", preferences.weights);
    find("[data-tool=log]").setAttribute("aria-pressed", String(preferences.log));
    find("[data-tool=smoothing]").value = preferences.smoothing;
    find(".gs-tools output").textContent = formats.two.format(preferences.smoothing);
  }

  function choose(change) {
    Object.assign(preferences, change);
    savePreferences(preferences);
    showChoices();
    if ("weights" in change) schedule();
    else chart.setSettings(change);
  }

  find(".gs-tools").onclick = find(".gs-time").onclick = ({ target }) => {
    const { unit: chosen, weights, tool } = target.dataset;
    if (chosen) {
      setUnit(chosen);
      tell("unit", chosen);
    } else if (weights) choose({ weights });
    else if (tool === "log") choose({ log: !preferences.log });
    else if (tool === "reset") chart.resetZoom();
  };
  find("[data-tool=smoothing]").oninput = ({ target }) => choose({ smoothing: Number(target.value) });
  document.addEventListener("visibilitychange", schedule);
  chart.setSettings(preferences);

  function update(next, send) {
    const changed = (key) => JSON.stringify(data[key]) !== JSON.stringify(next[key]);
    const fresh = Object.fromEntries(["words", "palette", "asked"].map((key) => [key, changed(key)]));
    data = next;
    tell = send;
    words = data.words;
    if (fresh.words) formats = showWords(root, words);
    runs = watched.set(data.runs, data.colours, send);
    grids.setRuns(runs, words);
    showDifferences(root, { ...data, runs }, (run) => {
      run.hidden = !run.hidden;
      chart.redraw();
    });
    showNotes(root, data);
    const mode = isDark(root) ? "dark" : "light";
    if (root.dataset.mode !== mode || fresh.palette) {
      root.dataset.mode = mode;
      colours = data.palette[mode];
      for (const [name, colour] of Object.entries(colours)) root.style.setProperty(`--gs-${name}`, colour);
      chart.setColours(colours);
    }
    chart.setRuns(runs, data.panels, data);
    if (fresh.asked) setUnit(data.unit);
    showChoices();
    runs.forEach(showState);
    schedule();
  }

  return {
    update,
    destroy() {
      watched.set([], [], tell);
      chart.destroy();
      grids.destroy();
      resized.disconnect();
      cancelAnimationFrame(frame);
      document.removeEventListener("visibilitychange", schedule);
    },
  };
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".gs-compare");
  root.gsCompare ??= makeCompare(root);
  root.gsCompare.update(data, (name, value = true) => setTriggerValue(name, value));
  return () => {
    root.gsCompare?.destroy();
    delete root.gsCompare;
  };
}
