// A pad to draw a target on. Strokes are flat lists of x, y from -1 to 1, y upwards; what is used is all of them in a row.

const PAD = { every: 0.012, spread: 0.014, spot: 12, spotSpread: 0.03, nudge: 0.05 };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

const bell = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
const inPad = (value) => Math.max(-1, Math.min(1, Math.round(1e4 * value) / 1e4));

function makePointsPad(root) {
  const find = (selector) => root.querySelector(selector);
  const canvas = find("canvas");
  let strokes = [];
  let stroke = null; // the one that is being drawn
  let last = [0, 0]; // where its next part begins
  let pen = [0, 0]; // the keyboard's
  let data = null;
  let words = {};
  let formats = {};
  let colours = {};
  let frame = 0;
  let tell = () => {};
  let uses = 0;

  const count = () => strokes.reduce((sum, one) => sum + one.length / 2, 0);

  function add(x, y, spread) {
    if (count() < data.limits[1]) stroke.push(inPad(x + spread * bell()), inPad(y + spread * bell()));
  }

  function begin() {
    stroke = [];
    strokes.push(stroke);
  }

  function spot([x, y]) {
    for (let i = 0; i < PAD.spot; i++) add(x, y, PAD.spotSpread);
    last = [x, y];
  }

  function lineTo([x, y]) {
    const [dx, dy] = [x - last[0], y - last[1]];
    const parts = Math.floor(Math.hypot(dx, dy) / PAD.every);
    for (let i = 1; i <= parts; i++) add(last[0] + (dx * i) / parts, last[1] + (dy * i) / parts, PAD.spread);
    if (parts) last = [x, y];
  }

  const placeOf = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    return [inPad((2 * (clientX - box.left)) / box.width - 1), inPad(1 - (2 * (clientY - box.top)) / box.height)];
  };

  function show() {
    const full = count() >= data.limits[1];
    const few = count() < data.limits[0];
    const text = words[full ? "full" : few ? "few" : "count"];
    find(".gs-draw-count").textContent = filled(text, { count: formats.whole.format(count()), fewest: data.limits[0] });
    for (const name of ["undo", "clear"]) find(`[data-do=${name}]`).disabled = !strokes.length;
    find("[data-do=use]").disabled = few;
    root.dataset.points = count();
    frame ||= requestAnimationFrame(paint);
  }

  function paint() {
    frame = 0;
    const fitted = fitCanvas(canvas);
    if (!fitted) return;
    const { pen: brush, side } = fitted;
    const thin = Math.max(1, side / 500);
    brush.fillStyle = colours.grid;
    for (let i = 1; i < 4; i++) {
      brush.fillRect(Math.round((side * i) / 4), 0, thin, side);
      brush.fillRect(0, Math.round((side * i) / 4), side, thin);
    }
    brush.fillStyle = colours.real;
    const size = 3.2 * thin;
    for (const one of strokes) {
      for (let i = 0; i < one.length; i += 2) {
        brush.fillRect(((1 + one[i]) * side) / 2 - size / 2, ((1 - one[i + 1]) * side) / 2 - size / 2, size, size);
      }
    }
    if (!canvas.matches(":focus-visible")) return;
    const [x, y] = [((1 + pen[0]) * side) / 2, ((1 - pen[1]) * side) / 2];
    brush.strokeStyle = colours.primary;
    brush.lineWidth = 2 * thin;
    brush.beginPath();
    brush.arc(x, y, 7 * thin, 0, 7);
    brush.moveTo(x - 12 * thin, y);
    brush.lineTo(x + 12 * thin, y);
    brush.moveTo(x, y - 12 * thin);
    brush.lineTo(x, y + 12 * thin);
    brush.stroke();
  }

  const actions = {
    undo: () => strokes.pop(),
    clear: () => (strokes = []),
    use() {
      uses += 1;
      tell({ points: strokes.flat(), n: uses });
    },
  };
  for (const [name, act] of Object.entries(actions)) {
    find(`[data-do=${name}]`).onclick = () => {
      act();
      show();
    };
  }

  canvas.onpointerdown = (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    begin();
    spot(placeOf(event));
    show();
  };
  canvas.onpointermove = (event) => {
    if (!stroke || !canvas.hasPointerCapture(event.pointerId)) return;
    const seen = event.getCoalescedEvents?.() ?? [];
    for (const one of seen.length ? seen : [event]) lineTo(placeOf(one));
    show();
  };
  canvas.onlostpointercapture = () => (stroke = null);
  canvas.onfocus = canvas.onblur = () => (frame ||= requestAnimationFrame(paint));

  canvas.onkeydown = (event) => {
    const way = ARROWS[event.key];
    const back = event.key === "Backspace" || (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey));
    if (way) {
      last = pen;
      pen = pen.map((value, i) => inPad(value + PAD.nudge * way[i]));
      if (event.shiftKey) {
        begin();
        lineTo(pen);
        if (!stroke.length) strokes.pop();
      }
    } else if (event.key === " " || event.key === "Enter") {
      begin();
      spot(pen);
    } else if (back) {
      actions.undo();
    } else {
      return;
    }
    stroke = null;
    event.preventDefault();
    event.stopPropagation();
    show();
  };

  const resizer = new ResizeObserver(() => (frame ||= requestAnimationFrame(paint)));
  resizer.observe(canvas);

  function update(next, sender) {
    if (!data && next.points.length) strokes = [[...next.points]];
    [data, words, tell] = [next, next.words, sender];
    formats = makeFormats(words.locale);
    colours = data.palette[isDark(root) ? "dark" : "light"];
    for (const [name, colour] of Object.entries(colours)) root.style.setProperty(`--gs-${name}`, colour);
    find("[data-word=hint]").textContent = words.hint;
    canvas.setAttribute("aria-label", words.pad);
    for (const name of Object.keys(actions)) find(`[data-do=${name}]`).textContent = words[name];
    show();
  }

  return {
    update,
    destroy() {
      cancelAnimationFrame(frame);
      resizer.disconnect();
    },
  };
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".gs-draw");
  root.gsPad ??= makePointsPad(root);
  root.gsPad.update(data, (value) => setTriggerValue("use", value));
  return () => {
    root.gsPad?.destroy();
    delete root.gsPad;
  };
}
