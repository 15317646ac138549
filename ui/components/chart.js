// The chart: a figure made by ui/charts.py, drawn by Plotly, between redraws continued on a canvas of our own.

const LIT = 2.4; // times as thick

function makeChart({ host, tail: canvas, onZoom, onDraw, onScale }) {
  const tail = makeTail(canvas);
  const leaving = makeLeaving();
  const store = makeStore();
  let smoothers = new Map();
  let settings = { smoothing: 0.8, log: false };
  let figure = null;
  let colours = {};
  let plotly = null; // set once the first newPlot is through
  let ranges = {}; // axis -> what is drawn now
  let zoom = null; // [from, to] in steps, while the reader has chosen a span
  let box = null; // where the panels lay then, in pixels
  let restyled = true;
  let drawnTo = 0; // rows Plotly has
  let lastLook = 0; // when it was last asked whether there is anything to draw
  let tailTo = 0; // rows the tail goes on to
  let fits = false; // whether it stays within the panels
  let timer = 0; // until the next look; -1 where that comes with the next frame
  let wide = false; // whether there is any room
  let later = 0; // until Plotly's turn, where no rows come before
  let lastFull = 0;
  let fullCost = 25;
  let held = false; // a pointer is down: redrawing now would take the zoom box out of the reader's hand
  let pointed = false; // a pointer is over the chart, and Plotly answers it from what it has drawn
  let dead = false;
  let lit = null; // the curve that is drawn thicker
  let widths = []; // of the traces as they came

  const panels = () => figure.layout.meta.panels;
  const isLog = (panel) => settings.log && panel.log && !panel.crossesZero;
  const scaled = (panel, value) => (isLog(panel) ? Math.log10(value) : value);
  // Unsmoothed, the raw line is the curve and the other one only answers the pointer.
  const opacityOf = (layer) => (layer === "raw" ? (settings.smoothing ? 0.28 : 1) : settings.smoothing ? 1 : 0);
  const smoothed = (name) => {
    if (!smoothers.has(name)) smoothers.set(name, makeSmoother());
    return smoothers.get(name).upTo(store.column("step"), store.column(name), store.length, settings.smoothing);
  };

  function visibleRows() {
    const steps = store.column("step");
    if (!steps) return [0, 0];
    if (!zoom) return [0, store.length];
    const from = rowAt(steps, store.length, zoom[0]);
    return [Math.max(0, from - 1), Math.min(store.length, rowAt(steps, store.length, zoom[1]) + 1)];
  }

  // One update for Plotly: the rows that can be seen, thinned, and the ranges that hold them.
  function compose() {
    const [from, to] = visibleRows();
    const stride = strideFor(from, to);
    const steps = store.column("step");
    const shared = everyRow(from, to, stride);
    const at = (values, rows) => Float64Array.from(rows, (row) => values[row]);
    const data = { x: [], y: [], customdata: [], opacity: [] };
    const bounds = Object.fromEntries(panels().map((panel) => [panel.panel, [Infinity, -Infinity, Infinity]]));
    for (const { meta } of figure.data) {
      const raw = steps && store.column(meta.curve);
      const isRaw = meta.layer === "raw";
      const rows = !raw ? [] : isRaw ? extremeRows(raw, from, to, stride) : shared;
      const y = raw ? at(isRaw ? raw : smoothed(meta.curve), rows) : [];
      data.x.push(raw ? at(steps, rows) : []);
      data.y.push(y);
      data.customdata.push(raw && !isRaw ? at(raw, rows) : []);
      data.opacity.push(opacityOf(meta.layer));
      const bound = bounds[meta.panel];
      for (const value of isRaw ? y : []) {
        if (value < bound[0]) bound[0] = value;
        if (value > bound[1]) bound[1] = value;
      }
    }
    return { data, layout: composeRanges(bounds, steps) };
  }

  function composeRanges(bounds, steps) {
    const layout = {};
    ranges.x = zoom ?? [0, store.length ? roomyEnd(steps[store.length - 1]) : 100];
    layout["xaxis.range"] = [...ranges.x];
    for (const panel of panels()) {
      let [low, high] = bounds[panel.panel];
      const lines = figure.layout.shapes.filter((shape) => shape.yref === panel.axis).map((line) => line.y0);
      low = Math.min(low, ...lines);
      high = Math.max(high, ...lines);
      panel.crossesZero = low <= 0;
      const kind = isLog(panel) ? "log" : "linear";
      const axis = panel.axis.replace("y", "yaxis");
      const old = panel.kind === kind ? ranges[panel.axis] : null;
      if (panel.kind !== kind) Object.assign(layout, { [`${axis}.type`]: kind, [`${axis}.autorange`]: false }); // a new type turns autorange on
      panel.kind = kind;
      const [bottom, top] = [scaled(panel, low), scaled(panel, high)];
      const labels = scaled(panel, Math.max(...lines)) + 0.08 * (top - bottom); // a line's label stands above it
      const chosen = panel.range ?? steadyRange(old, bottom, lines.length ? Math.max(top, labels) : top) ?? [0, 1];
      ranges[panel.axis] = chosen;
      layout[`${axis}.range`] = [...chosen];
      if (kind === "log") layout[`${axis}.tickvals`] = layout[`${axis}.ticktext`] = logTicks(...chosen);
      layout[`${axis}.tickmode`] = kind === "log" ? "array" : "auto";
    }
    return layout;
  }

  function drawAll() {
    const began = performance.now();
    const update = compose();
    const look = restyled ? dress(figure, colours, getComputedStyle(host).fontFamily) : {};
    restyled = false;
    if (look.data) look.data["line.width"] = figure.data.map(({ meta }, i) => widths[i] * (meta.curve === lit ? LIT : 1));
    plotly.update(host, { ...update.data, ...look.data }, { ...update.layout, ...look.layout });
    drawnTo = tailTo = store.length;
    lastFull = performance.now();
    fullCost = Math.min(60, 0.7 * fullCost + 0.3 * (lastFull - began)); // the first one, with fonts and axes, tells nothing of the next
    box = inner();
    const at = drawnTo ? shareOf(store.column("step")[drawnTo - 1]) : 0;
    tail.place(figure, box, { colours, opacityOf, at, texts: host.querySelectorAll(".shape-label text") });
    onScale();
  }

  const inner = () => {
    const { l, r, t, b } = figure.layout.margin;
    return { l, t, width: Math.max(1, host.clientWidth - l - r), height: Math.max(1, host.clientHeight - t - b) };
  };

  const shareOf = (step) => Math.min(1, Math.max(0, (step - ranges.x[0]) / (ranges.x[1] - ranges.x[0])));
  const nothingNew = () => drawnTo === store.length || (zoom && drawnTo && store.column("step")[drawnTo - 1] > zoom[1]);

  // The rows since the last full drawing. False where one of them lies beyond its panel.
  function drawTail() {
    if (zoom || !drawnTo) return false;
    const valuesOf = ({ curve, layer }) => store.column(curve) && (layer === "raw" ? store.column(curve) : smoothed(curve));
    return tail.draw({ steps: store.column("step"), from: drawnTo - 1, to: store.length, ranges, valuesOf, scaled });
  }

  function draw() {
    timer = 0;
    lastLook = performance.now();
    if (dead || document.hidden) return;
    if (leaving.now()) return schedule();
    onDraw();
    if (!plotly || held || !wide) return;
    if (!restyled && nothingNew()) return;
    if (!restyled && tailTo !== store.length) [fits, tailTo] = [drawTail(), store.length];
    const wait = restyled ? 0 : fits ? Math.max(pointed ? POINTED_MS : ALONE_MS, 25 * fullCost) : 12 * fullCost;
    const early = lastFull + wait - performance.now();
    clearTimeout(later);
    if (early > 0) later = setTimeout(schedule, early, true); // unless rows come before
    else drawAll();
  }

  // Soon, at most twelve times a second; on a hidden page never: what has come in meanwhile is drawn when it is looked at again.
  function schedule(now = false) {
    if (timer && !now) return;
    clearTimeout(timer);
    const early = now ? 0 : lastLook + TAIL_EVERY_MS - performance.now();
    if (early > 0) timer = setTimeout(() => requestAnimationFrame(draw), early);
    else (timer = -1), requestAnimationFrame(draw); // with whatever else has come
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

  const release = () => held && ((held = false), schedule());
  host.addEventListener("pointerdown", () => (held = true));
  host.addEventListener("pointerenter", () => ((pointed = true), schedule()));
  host.addEventListener("pointerleave", () => (pointed = false));
  window.addEventListener("pointerup", release);
  window.addEventListener("pointercancel", release);
  const seen = () => schedule(true);
  document.addEventListener("visibilitychange", seen);
  const measure = () => ({ width: host.clientWidth, height: host.clientHeight });
  const resizer = new ResizeObserver(() => {
    wide = host.clientWidth > 0; // asked in a drawing it would cost a layout
    if (plotly && wide) plotly.relayout(host, measure()).then(redraw);
  });
  resizer.observe(host);

  async function setFigure(next, address) {
    figure = structuredClone(next);
    widths = figure.data.map(({ line }) => line.width);
    [ranges, drawnTo] = [{}, 0];
    const library = await loadPlotly(address);
    if (!plotly) await painted(); // the page's first frame comes before the first plot; a plot there is goes on with its new figure
    if (dead) return;
    const touch = window.matchMedia("(pointer: coarse)").matches; // there, a finger on the chart scrolls the page
    const layout = { ...figure.layout, ...measure(), ...(touch && { dragmode: false }) };
    await library.newPlot(host, figure.data, layout, PLOT_CONFIG);
    if (dead) return library.purge(host);
    plotly = library;
    host.removeAllListeners("plotly_relayout");
    host.on("plotly_relayout", (event) => {
      if ("xaxis.range[0]" in event) setZoom([event["xaxis.range[0]"], event["xaxis.range[1]"]].map(Number));
    });
    host.on("plotly_doubleclick", () => setZoom(null));
    redraw();
  }

  return {
    setFigure,
    schedule,
    at: (step) => store.at(step),
    // Where steps lie in the panels: from `left` at pixel `l` over `width` pixels to `right`; null before there is any drawing.
    scale: () => (ranges.x && box ? { ...box, left: ranges.x[0], right: ranges.x[1] } : null),
    add(rows) {
      if (rows.reset) smoothers = new Map();
      store.add(rows);
      if (rows.reset) restyled = true;
      return store.length;
    },
    clear() {
      store.clear();
      smoothers = new Map();
      drawnTo = 0;
      ranges = {};
      setZoom(null);
    },
    setColours: (next) => ((colours = next), redraw()),
    setSettings(next) {
      if (next.smoothing !== settings.smoothing) smoothers = new Map();
      settings = { ...settings, ...next };
      redraw();
    },
    light: (curve) => curve !== lit && ((lit = curve), redraw()),
    resetZoom: () => setZoom(null),
    destroy() {
      dead = true;
      [timer, later].forEach(clearTimeout);
      leaving.destroy();
      resizer.disconnect();
      window.removeEventListener("pointerup", release);
      window.removeEventListener("pointercancel", release);
      document.removeEventListener("visibilitychange", seen);
      if (plotly) plotly.purge(host);
    },
  };
}
