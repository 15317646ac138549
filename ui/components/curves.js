// Curves: every row is kept; what is drawn of it is thinned to what a screen can show.
// Plotly needs some 25 ms to redraw whatever has changed, and the browser as much again to paint it, so it draws every few seconds: axes,
// hover, zoom. In between, the newest rows are added as a tail of our own over it, as they come, for next to nothing. Most browsers here
// share a CPU with the run.

const TAIL_EVERY_MS = 70;
const [POINTED_MS, ALONE_MS] = [1000, 5000]; // from one drawing of Plotly's to the next, with a pointer over it and without
const BUCKETS = 240; // a bucket keeps its lowest and highest row: at most 480 points a curve
const PLOT_CONFIG = { displayModeBar: false, doubleClick: false, showTips: false, responsive: false, scrollZoom: false };

function makeStore() {
  let columns = new Map();
  let capacity = 0;
  const store = {
    length: 0,
    column: (name) => columns.get(name),
    add({ reset, names, array }) {
      if (reset) Object.assign(store, { length: 0 });
      const all = ["step", "epoch", "images", "elapsed_s", ...names];
      const [rows, width] = array.shape;
      if (store.length + rows > capacity || reset) {
        capacity = Math.max(4096, 2 * (store.length + rows));
        const old = columns;
        columns = new Map(all.map((name) => [name, new Float64Array(capacity)]));
        if (!reset) columns.forEach((values, name) => values.set(old.get(name).subarray(0, store.length)));
      }
      all.forEach((name, i) => {
        const values = columns.get(name);
        for (let row = 0; row < rows; row++) values[store.length + row] = array.values[row * width + i];
      });
      store.length += rows;
    },
    at: (step) => momentAt(columns, store.length, step),
    clear() {
      store.length = capacity = 0;
      columns = new Map();
    },
  };
  return store;
}

// Exponential mean, corrected for its start (as Adam's moments are); a gap is passed over. It forgets by the step, a row of the usual span
// leaving `factor`: old rows are means of many steps, and by the row the newest ones would hardly be smoothed beside them.
function makeSmoother() {
  let values = new Float64Array(0);
  let done = 0;
  let mean = 0;
  let weight = 0;
  let usual = 1; // steps a row, on average, where they were most: the first few rows do not settle it
  return {
    upTo(steps, raw, length, factor) {
      if (values.length < raw.length) {
        const longer = new Float64Array(raw.length);
        longer.set(values.subarray(0, done));
        values = longer;
      }
      for (; done < length; done++) {
        const value = raw[done];
        const average = (steps[done] - steps[0]) / done || 1;
        usual = done < 8 ? average : Math.max(usual, average);
        const left = factor ** (done ? (steps[done] - steps[done - 1]) / usual : 1);
        if (Number.isFinite(value)) {
          mean = left * mean + (1 - left) * value;
          weight = left * weight + (1 - left);
        }
        values[done] = Number.isFinite(value) ? mean / weight : NaN;
      }
      return values;
    },
  };
}

// Strides are powers of two on fixed row numbers: appended rows never change which older rows are drawn, so nothing flickers.
function strideFor(from, to) {
  let stride = 1;
  while ((to - from) / stride > BUCKETS) stride *= 2;
  return stride;
}

function everyRow(from, to, stride) {
  const picked = [];
  for (let row = Math.floor(from / stride) * stride; row < to; row += stride) picked.push(Math.max(from, row));
  if (to > from && picked[picked.length - 1] !== to - 1) picked.push(to - 1);
  return picked;
}

function extremeRows(values, from, to, stride) {
  if (stride === 1) return everyRow(from, to, 1);
  const picked = [];
  for (let start = Math.floor(from / stride) * stride; start < to; start += stride) {
    const first = Math.max(from, start);
    let low = first;
    let high = first;
    for (let row = first; row < Math.min(to, start + stride); row++) {
      if (!(values[row] >= values[low])) low = values[row] === values[row] ? row : low;
      if (!(values[row] <= values[high])) high = values[row] === values[row] ? row : high;
    }
    picked.push(Math.min(low, high));
    if (low !== high) picked.push(Math.max(low, high));
  }
  if (picked[picked.length - 1] !== to - 1) picked.push(to - 1);
  return picked;
}

// The right end of the x axis moves in steps: between them the ticks stand still and new rows run into free space.
function roomyEnd(last) {
  const unit = 10 ** Math.floor(Math.log10(Math.max(last, 100) / 5));
  const step = unit * [1, 2, 5].find((times) => unit * times * 20 > last || times === 5);
  return Math.max(100, Math.ceil((last * 1.2) / step) * step);
}

// A range that is still right is kept: heights change when a curve leaves its panel or shrinks to less than half of it.
function steadyRange(old, low, high) {
  if (!(low <= high)) return old;
  const pad = 0.09 * (high - low) || 0.1 * Math.abs(high) || 0.1;
  const fits = old && low >= old[0] && high <= old[1] && high - low > 0.5 * (old[1] - old[0]);
  return fits ? old : [low - pad, high + pad];
}

function rowAt(steps, length, step) {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Where a run stood at a step, between the rows next to it; how fast it was, and what its curves said there. Null without rows.
function momentAt(columns, length, step) {
  if (!length) return null;
  const [steps, images, elapsed] = ["step", "images", "elapsed_s"].map((name) => columns.get(name));
  const row = Math.min(rowAt(steps, length, step), length - 1);
  const before = (values) => (row ? values[row - 1] : 0);
  const share = Math.min(1, (step - before(steps)) / (steps[row] - before(steps) || 1));
  const between = (name) => before(columns.get(name)) + share * (columns.get(name)[row] - before(columns.get(name)));
  const place = { step, epoch: between("epoch"), images: between("images"), elapsed_s: between("elapsed_s") };
  const from = Math.max(0, rowAt(elapsed, length, place.elapsed_s - 2.5) - 1);
  const to = Math.min(length - 1, rowAt(elapsed, length, place.elapsed_s + 2.5));
  const rate = (values) => (values[to] - values[from]) / (elapsed[to] - elapsed[from]);
  const values = Object.fromEntries([...columns].slice(4).map(([name, column]) => [name, step > 0 ? column[row] : NaN])); // a row tells of the steps up to it
  return { place, rates: { images_per_s: rate(images), steps_per_s: rate(steps) }, values };
}

// The figure comes without colours of its own: a theme is the browser's, and can change under a chart.
function dress(figure, colours, family) {
  const font = { color: colours.text, family, size: figure.layout.meta.size ?? 12 };
  const layout = { font, plot_bgcolor: colours.background, hoverlabel: { bgcolor: colours.surface, bordercolor: colours.border, font } };
  const axis = { gridcolor: colours.grid, linecolor: colours.grid, spikecolor: colours.muted, color: colours.muted };
  for (const name of ["xaxis", "yaxis", "yaxis2", "yaxis3"]) {
    for (const [key, colour] of Object.entries(axis)) layout[`${name}.${key}`] = colour;
  }
  figure.layout.shapes.forEach((shape, i) => {
    layout[`shapes[${i}].line.color`] = layout[`shapes[${i}].label.font.color`] = colours[shape.name];
  });
  return { data: { "line.color": figure.data.map((trace) => colours[trace.meta.player]) }, layout };
}

// Ticks of a logarithmic axis from its exponents: whole decades, or 1, 2, 5 within few; Plotly's own mix two sizes and crowd.
function logTicks(low, high) {
  const steps = high - low > 3 ? [1] : high - low > 1.6 ? [1, 3] : [1, 2, 5];
  const values = [];
  for (let decade = Math.floor(low); decade <= high; decade++) values.push(...steps.map((step) => Number(`${step}e${decade}`)));
  return values.filter((value) => value >= 10 ** low && value <= 10 ** high);
}

// Titles and legends in HTML: readable for everyone, and no legend for Plotly to measure at each redraw.
function showHeads(box, { data: traces, layout }) {
  box.replaceChildren(
    ...layout.meta.panels.map(({ panel, title, domain }) => {
      const head = document.createElement("div");
      const { t, b } = layout.margin;
      head.style.top = `calc(${t}px + ${1 - domain[1]} * (100% - ${t + b}px))`;
      head.append(Object.assign(document.createElement("b"), { textContent: title }));
      for (const { meta } of traces.filter(({ meta }) => meta.panel === panel && meta.layer === "raw")) {
        const entry = Object.assign(document.createElement("span"), { textContent: meta.label });
        entry.style.setProperty("--gs-player", `var(--gs-${meta.player})`);
        const value = Object.assign(document.createElement("i"), { hidden: true });
        value.dataset.curve = meta.curve;
        entry.append(value);
        head.append(entry);
      }
      return head;
    }),
  );
}

// What the curves said at a moment, behind their names; nothing for null.
function showHeadValues(box, values, format) {
  for (const element of box.querySelectorAll("[data-curve]")) {
    const value = values?.[element.dataset.curve];
    const text = values ? (Number.isFinite(value) ? format.format(value) : "–") : "";
    if (element.textContent !== text) element.textContent = text;
    element.hidden = !values;
  }
}

// The same figure for the back row: lines twice as thick, everything written half as large again.
function magnified(figure) {
  const large = structuredClone(figure);
  const { layout, data } = large;
  for (const side of ["l", "t", "b"]) layout.margin[side] = Math.round(1.5 * layout.margin[side]);
  for (const { line } of data) line.width *= 2;
  for (const { line, label } of layout.shapes) {
    line.width *= 2;
    label.font.size = Math.round(1.5 * label.font.size);
  }
  layout.meta.size = 18;
  return large;
}

function loadPlotly(address) {
  window.gsPlotly ??= new Promise((done, failed) => {
    if (window.Plotly) return done(window.Plotly);
    const script = Object.assign(document.createElement("script"), { src: address, async: true });
    script.onload = () => done(window.Plotly);
    script.onerror = failed;
    document.head.append(script);
  });
  return window.gsPlotly;
}
