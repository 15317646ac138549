// Losses and verdicts over the steps, on a canvas of our own: a chart library's redraw would cost frames of the plane above.
// The figure is Train's: its curves, and the lines they settle on.

const SHOWN_PANELS = ["loss", "verdict"];
const CHART_MS = 200;
const SMOOTHING = 0.8;
const CHART = { left: 44, right: 8, head: 24, foot: 22, gap: 12 }; // pixels

// Some five round numbers between two.
function roundTicks(low, high) {
  const rough = (high - low) / 4 || 1;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find((times) => times * unit >= rough);
  const ticks = [];
  for (let at = Math.ceil(low / step); at * step <= high * (1 + 1e-9); at++) ticks.push(at * step);
  return ticks;
}

function makePlaneChart(canvas) {
  const store = makeStore();
  const ranges = {};
  let smoothers = new Map();
  let figure = null;
  let words = {};
  let formats = null;
  let colours = {};
  let lit = null;
  let cursor = null; // share of the width a pointer is at
  let timer = 0;

  function smooth(name) {
    if (!smoothers.has(name)) smoothers.set(name, makeSmoother());
    return smoothers.get(name).upTo(store.column("step"), store.column(name), store.length, SMOOTHING);
  }

  function rangeOf(panel, curves, lines) {
    if (panel.range) return panel.range;
    let [low, high] = [Math.min(...lines), Math.max(...lines)];
    for (const { values, rows } of curves) {
      for (const row of rows) {
        if (values[row] < low) low = values[row];
        if (values[row] > high) high = values[row];
      }
    }
    ranges[panel.panel] = steadyRange(ranges[panel.panel], low, high) ?? [0, 1];
    return ranges[panel.panel];
  }

  function drawPanel(pen, panel, box, right) {
    const traces = figure.data.filter(({ meta }) => meta.panel === panel.panel && meta.layer === "raw");
    const lines = figure.layout.shapes.filter((shape) => shape.yref === panel.axis);
    const stride = strideFor(0, store.length);
    const curves = traces.filter(({ meta }) => store.column(meta.curve)).map(({ meta }) => {
      const raw = store.column(meta.curve);
      return { meta, values: raw, rows: extremeRows(raw, 0, store.length, stride), even: smooth(meta.curve), evenRows: everyRow(0, store.length, stride) };
    });
    const [low, high] = rangeOf(panel, store.length ? curves : [], lines.map(({ y0 }) => y0));
    const steps = store.column("step");
    const x = (row) => box.left + (steps[row] / right) * box.width;
    const y = (value) => box.top + ((high - value) / (high - low)) * box.height;
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    pen.font = `11px ${colours.family}`;
    for (const tick of roundTicks(low, high)) {
      pen.fillStyle = colours.grid;
      pen.fillRect(box.left, Math.round(y(tick)), box.width, 1);
      pen.fillStyle = colours.muted;
      pen.fillText(formats.rate.format(Math.abs(tick) < 1e-12 ? 0 : tick), box.left - 6, y(tick));
    }
    pen.save();
    pen.beginPath();
    pen.rect(box.left, box.top - 1, box.width, box.height + 2);
    pen.clip();
    pen.lineJoin = "round";
    for (const { meta, values, rows, even, evenRows } of store.length ? curves : []) {
      pen.strokeStyle = colours[meta.player];
      const bold = meta.curve === lit ? 1.9 : 1;
      for (const [column, picked, alpha, width] of [[values, rows, 0.3, 1.1], [even, evenRows, 1, 2]]) {
        pen.globalAlpha = alpha;
        pen.lineWidth = width * bold;
        pen.beginPath();
        for (const row of picked) if (Number.isFinite(column[row])) pen.lineTo(x(row), y(column[row]));
        pen.stroke();
      }
    }
    pen.globalAlpha = 1;
    pen.font = `600 11px ${colours.family}`;
    for (const shape of lines) {
      pen.strokeStyle = pen.fillStyle = colours[shape.name];
      pen.lineWidth = 1.2;
      pen.setLineDash([5, 4]);
      pen.beginPath();
      pen.moveTo(box.left, y(shape.y0));
      pen.lineTo(box.left + box.width, y(shape.y0));
      pen.stroke();
      pen.setLineDash([]);
      pen.textAlign = shape.label.textposition === "start" ? "left" : "right";
      pen.lineWidth = 4;
      pen.strokeStyle = colours.background;
      const at = [shape.label.textposition === "start" ? box.left + 4 : box.left + box.width - 4, Math.max(box.top + 8, y(shape.y0) - 8)];
      pen.strokeText(shape.label.text, ...at);
      pen.fillText(shape.label.text, ...at);
    }
    pen.restore();
    head(pen, panel, traces, { box, right });
  }

  // Name of the panel, names of its curves, and their values: the newest, or those under a pointer.
  function head(pen, panel, traces, { box, right }) {
    const at = store.length ? store.at(cursor === null ? Infinity : ((cursor - box.left) / box.width) * right) : null;
    const middle = box.top - CHART.head / 2 - 1;
    pen.textBaseline = "middle";
    pen.textAlign = "left";
    pen.font = `600 13px ${colours.family}`;
    pen.fillStyle = colours.text;
    pen.fillText(panel.panel === "loss" ? words.losses : words.verdicts, box.left, middle);
    pen.textAlign = "right";
    let edge = box.left + box.width;
    for (const { meta } of [...traces].reverse()) {
      const value = at?.values[meta.curve];
      pen.fillStyle = colours[meta.player];
      pen.font = `600 12px ${colours.family}`;
      pen.fillText(Number.isFinite(value) ? formats.two.format(value) : "–", edge, middle);
      edge -= 44;
      pen.font = `12px ${colours.family}`;
      pen.fillText(meta.label, edge, middle);
      edge -= pen.measureText(meta.label).width + 6;
      pen.fillRect(edge - 13, middle - 1.5, 13, 3);
      edge -= 27;
    }
  }

  function draw() {
    timer = 0;
    const ratio = window.devicePixelRatio || 1;
    const [wide, tall] = [canvas.clientWidth, canvas.clientHeight];
    if (!figure || !formats || !wide || document.hidden) return;
    const [width, height] = [Math.round(wide * ratio), Math.round(tall * ratio)];
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, wide, tall);
    const steps = store.column("step");
    const right = store.length ? roomyEnd(steps[store.length - 1]) : 100;
    const inner = { left: CHART.left, width: wide - CHART.left - CHART.right };
    const each = (tall - CHART.foot - 2 * CHART.head - CHART.gap) / 2;
    const panels = figure.layout.meta.panels.filter(({ panel }) => SHOWN_PANELS.includes(panel));
    panels.forEach((panel, i) => drawPanel(pen, panel, { ...inner, top: CHART.head + i * (each + CHART.head + CHART.gap), height: each }, right));
    pen.font = `11px ${colours.family}`;
    pen.fillStyle = colours.muted;
    pen.textAlign = "center";
    for (const tick of roundTicks(0, right)) pen.fillText(formats.whole.format(tick), Math.min(wide - 16, inner.left + (tick / right) * inner.width), tall - CHART.foot / 2);
    if (cursor !== null && cursor > inner.left) pen.fillRect(cursor, CHART.head, 1, tall - CHART.head - CHART.foot);
  }

  const schedule = () => void (timer ||= setTimeout(draw, CHART_MS));
  const resizer = new ResizeObserver(draw);
  resizer.observe(canvas);
  canvas.onpointermove = ({ offsetX }) => ((cursor = offsetX), schedule());
  canvas.onpointerleave = () => ((cursor = null), schedule());

  return {
    add(rows) {
      if (rows.reset) smoothers = new Map();
      store.add(rows);
      schedule();
    },
    at: (step) => store.at(step),
    light: (curve) => ((lit = curve), schedule()),
    setFigure: (next) => ((figure = next), delete ranges.loss, delete ranges.verdict, draw()),
    setLook: (...next) => (([words, formats, colours] = next), draw()),
    clear: () => (store.clear(), (smoothers = new Map()), draw()),
    destroy: () => (clearTimeout(timer), resizer.disconnect()),
  };
}
