// Curves of several runs over each other: a panel a curve, a colour and a dash pattern a run. Plotly draws them, at most four times
// a second; the line that shows where the slider stands is ours, so that it can follow a finger.

const DASHES = ["solid", "8px,4px", "2px,3px", "10px,3px,2px,3px"];
const SWATCHES = ["none", "8 4", "2 3", "10 3 2 3"]; // the same, as SVG writes it
const DRAW_EVERY_MS = 250;

function makeOverlay({ host, heads, cursors, onZoom, onPick }) {
  let runs = []; // {id, name, colour, store, smoothers, hidden, fork, alive}
  let panels = [];
  let cells = []; // the panels with their places
  let built = {}; // the size they were placed for
  let words = {};
  let colours = {};
  let unit = "step";
  let settings = { smoothing: 0.8, log: false };
  let address = "";
  let plotly = null;
  let building = false;
  let wanted = 0; // counts the sets of runs and panels asked for, as one may come while another is built
  let zoom = null;
  let end = 100; // of the x axis, unzoomed
  let heights = {}; // curve -> {kind, range}, so that a height that still fits stays
  let restyled = true;
  let held = false;
  let dead = false;
  let timer = 0;
  let drawnAt = 0;
  let cost = 25;
  let cursor = 0;
  const lines = makeLines(heads, cursors);

  const shown = () => runs.filter((run) => !run.hidden);
  const lastOf = (run) => (run.store.length ? run.store.column(UNITS[unit])[run.store.length - 1] : 0);

  function rowsOf(run, curve) {
    const raw = run.store.column(curve);
    const xs = run.store.column(UNITS[unit]);
    if (!raw || run.hidden) return { x: [], y: [], text: [] };
    const from = zoom ? Math.max(0, rowAt(xs, run.store.length, zoom[0]) - 1) : 0;
    const to = zoom ? Math.min(run.store.length, rowAt(xs, run.store.length, zoom[1]) + 1) : run.store.length;
    const stride = strideFor(from, to);
    const rows = settings.smoothing ? everyRow(from, to, stride) : extremeRows(raw, from, to, stride);
    if (!run.smoothers.has(curve)) run.smoothers.set(curve, makeSmoother());
    const y = settings.smoothing ? run.smoothers.get(curve).upTo(run.store.column("step"), raw, run.store.length, settings.smoothing) : raw;
    const pick = (values) => Float64Array.from(rows, (row) => values[row]);
    return { x: pick(xs), y: pick(y), text: pick(raw) };
  }

  function heightOf(panel, low, high) {
    const kind = settings.log && panel.log && low > 0 ? "log" : "linear";
    const scaled = kind === "log" ? [Math.log10(low), Math.log10(high)] : [low, high];
    const old = heights[panel.curve]?.kind === kind ? heights[panel.curve].range : null;
    const air = panel.range && 0.03 * (panel.range[1] - panel.range[0]);
    const range = panel.range ? [panel.range[0] - air, panel.range[1] + air] : (steadyRange(old, ...scaled) ?? [0, 1]);
    return (heights[panel.curve] = { kind, range });
  }

  // The right end moves in steps while a run trains, and stands still when all have ended.
  function ends() {
    const last = Math.max(0, ...runs.map(lastOf));
    if (!last) return 100;
    const roomy = roomyEnd(1e4 * last) / 1e4;
    if (!runs.some((run) => run.alive)) return 1.02 * last;
    return end >= last && end <= roomy ? end : roomy;
  }

  function compose() {
    const data = { x: [], y: [], customdata: [] };
    const layout = {};
    end = ends();
    cells.forEach((panel, i) => {
      let [low, high] = [Infinity, -Infinity];
      for (const run of runs) {
        const { x, y, text } = rowsOf(run, panel.curve);
        for (const value of y) {
          if (value < low) low = value;
          if (value > high) high = value;
        }
        data.x.push(x);
        data.y.push(y);
        data.customdata.push(text);
      }
      const number = i ? i + 1 : "";
      const { kind, range } = heightOf(panel, low, high);
      const ticks = kind === "log" ? logTicks(...range) : undefined;
      layout[`xaxis${number}.range`] = zoom ? [...zoom] : [0, end];
      layout[`yaxis${number}.type`] = kind;
      layout[`yaxis${number}.autorange`] = false;
      layout[`yaxis${number}.range`] = [...range];
      layout[`yaxis${number}.tickmode`] = ticks ? "array" : "auto";
      if (ticks) layout[`yaxis${number}.tickvals`] = layout[`yaxis${number}.ticktext`] = ticks;
    });
    layout.shapes = forks();
    return { data, layout };
  }

  // Where a fork left the run it came from; its name stands in the first row only.
  function forks() {
    return shown()
      .filter((run) => run.fork > 0 && run.store.length)
      .flatMap((run) => {
        const x = placeOf(run.store, run.fork, unit);
        return cells.map((panel, i) => ({
          ...{ type: "line", layer: "below", xref: `x${i ? i + 1 : ""}`, yref: `y${i ? i + 1 : ""} domain`, x0: x, x1: x, y0: 0, y1: 1 },
          line: { color: colours[run.colour], width: 1, dash: "dot" },
          ...(panel.box.y === 0 && {
            label: { text: words.fork, textangle: 0, textposition: "end", xanchor: "left", yanchor: "top", font: { size: 11, color: colours[run.colour] } },
          }),
        }));
      });
  }

  function dressed() {
    const font = { color: colours.text, family: getComputedStyle(host).fontFamily, size: 12 };
    const layout = { font, plot_bgcolor: colours.background, hoverlabel: { bgcolor: colours.surface, bordercolor: colours.border, font } };
    cells.forEach((panel, i) => {
      const number = i ? i + 1 : "";
      for (const axis of ["xaxis", "yaxis"]) {
        const look = { gridcolor: colours.grid, linecolor: colours.grid, spikecolor: colours.muted, color: colours.muted };
        for (const [key, colour] of Object.entries(look)) layout[`${axis}${number}.${key}`] = colour;
      }
      layout[`xaxis${number}.title`] = panel.bottom ? { text: words[`title_${unit}`], standoff: 6 } : { text: "" };
      layout[`xaxis${number}.unifiedhovertitle`] = { text: `${words[`title_${unit}`]} %{x:,.2~f}` };
    });
    return { data: { "line.color": cells.flatMap(() => runs.map((run) => colours[run.colour])) }, layout };
  }

  function draw() {
    timer = 0;
    if (dead || document.hidden || !plotly || building || held || !host.clientWidth) return;
    const began = performance.now();
    const update = compose();
    const look = restyled ? dressed() : {};
    restyled = false;
    plotly.update(host, { ...update.data, ...look.data }, { ...update.layout, ...look.layout });
    drawnAt = performance.now();
    cost = 0.7 * cost + 0.3 * (drawnAt - began);
    placeCursors();
  }

  function schedule(now = false) {
    if (timer && !now) return;
    clearTimeout(timer);
    const due = now ? 0 : Math.max(0, drawnAt + Math.max(DRAW_EVERY_MS, 12 * cost) - performance.now());
    timer = setTimeout(() => requestAnimationFrame(draw), due);
  }

  function redraw() {
    restyled = true;
    schedule(true);
  }

  function setZoom(range) {
    zoom = range;
    onZoom(Boolean(zoom));
    redraw();
  }

  function placeCursors() {
    const [left, right] = zoom ?? [0, end];
    lines.place(cells, (cursor - left) / (right - left));
  }

  // A new plot: for other runs, other panels or another width. Data follow with the next drawing.
  async function build() {
    if (building || !host.clientWidth || !panels.length || !runs.length) return;
    building = true;
    const serving = wanted;
    const library = await loadPlotly(address);
    if (dead) return;
    built = { width: host.clientWidth, height: host.clientHeight };
    cells = arrange(panels, built);
    const traces = cells.flatMap(({ curve }, i) =>
      runs.map((run) => ({
        ...{ type: "scatter", mode: "lines", x: [], y: [], customdata: [], name: run.name, meta: { run: run.id, curve } },
        ...{ xaxis: `x${i ? i + 1 : ""}`, yaxis: `y${i ? i + 1 : ""}`, connectgaps: false },
        line: { color: colours[run.colour], width: 2, dash: DASHES[run.slot] },
        hovertemplate: "%{fullData.name}: <b>%{customdata:.5~g}</b><extra></extra>",
      })),
    );
    const touch = window.matchMedia("(pointer: coarse)").matches; // there, a finger on the chart scrolls the page
    const layout = { ...baseLayout(cells, built), ...(touch && { dragmode: false }) };
    await library.newPlot(host, traces, layout, PLOT_CONFIG);
    if (dead) return library.purge(host);
    plotly = library;
    building = false;
    host.removeAllListeners("plotly_relayout");
    host.on("plotly_relayout", (event) => {
      const axis = Object.keys(event).find((key) => /^xaxis\d*\.range\[0\]$/.test(key))?.split(".")[0];
      if (axis) setZoom([event[`${axis}.range[0]`], event[`${axis}.range[1]`]].map(Number));
    });
    host.on("plotly_doubleclick", () => setZoom(null));
    host.on("plotly_click", ({ points }) => onPick(points[0].x));
    lines.show(cells);
    redraw();
    if (!fits() || serving !== wanted) build();
  }

  const release = () => held && ((held = false), schedule());
  host.addEventListener("pointerdown", () => (held = true));
  window.addEventListener("pointerup", release);
  window.addEventListener("pointercancel", release);
  const seen = () => schedule(true);
  document.addEventListener("visibilitychange", seen);
  const fits = () => built.width === host.clientWidth && built.height === host.clientHeight;
  const resizer = new ResizeObserver(() => !fits() && build());
  resizer.observe(host);

  return {
    schedule,
    setRuns(nextRuns, nextPanels, next) {
      const key = (list, given) => JSON.stringify([list.map(({ id, name }) => [id, name]), given]);
      const same = plotly && key(runs, panels) === key(nextRuns, nextPanels);
      [runs, panels, words, address] = [nextRuns, nextPanels, next.words, next.plotly];
      if (same) return redraw();
      heights = {};
      wanted++;
      build();
    },
    setColours: (next) => ((colours = next), redraw()),
    setSettings(next) {
      if ("smoothing" in next && next.smoothing !== settings.smoothing) runs.forEach((run) => run.smoothers.clear());
      settings = { ...settings, ...next };
      redraw();
    },
    // The span a reader has chosen stays the same span of the first run's steps.
    setUnit(next) {
      const guide = shown().find((run) => run.store.length) ?? runs[0];
      if (zoom && guide) zoom = zoom.map((place) => placeOf(guide.store, stepOf(guide.store, place, unit), next));
      unit = next;
      redraw();
    },
    setCursor: (next) => ((cursor = next), placeCursors()),
    hold: (on) => (on ? (held = true) : release()),
    redraw,
    resetZoom: () => setZoom(null),
    destroy() {
      dead = true;
      clearTimeout(timer);
      resizer.disconnect();
      window.removeEventListener("pointerup", release);
      window.removeEventListener("pointercancel", release);
      document.removeEventListener("visibilitychange", seen);
      if (plotly) plotly.purge(host);
    },
  };
}
