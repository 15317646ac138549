// The newest rows over Plotly's curves, on a canvas of our own that begins where Plotly has ended: an SVG would be styled, laid out and
// painted by three of the browser's threads for each row, and they take their time from the run.

function makeTail(canvas) {
  const pen = canvas.getContext("2d");
  let lines = [];
  let labels = []; // of Plotly's lines: they are read over the curves, and the tail lies over them
  let scale = 1; // device pixels a CSS pixel

  // Anew and emptied: Plotly has just drawn all there is, up to `at`, from 0 at the panels' left edge to 1 at their right one.
  function place(figure, { l, t, width, height }, { colours, opacityOf, at, texts }) {
    scale = window.devicePixelRatio || 1;
    const left = Math.floor(l + at * width) - 2; // a line is wider than its row
    const size = { width: Math.max(1, Math.ceil(l + width - left)), height: Math.ceil(height) };
    for (const [name, value] of Object.entries(size)) {
      canvas[name] = Math.round(value * scale);
      canvas.style[name] = `${value}px`;
    }
    Object.assign(canvas.style, { left: `${left}px`, top: `${t}px` });
    const own = canvas.getBoundingClientRect();
    const boxes = [...texts].map((text) => text.getBoundingClientRect());
    labels = boxes.filter((box) => box.right > own.left).map(({ x, y, width, height }) => [x - own.x - 2, y - own.y + 3, width + 4, height - 5]);
    const panels = new Map(figure.layout.meta.panels.map((panel) => [panel.panel, panel]));
    lines = figure.data.map(({ meta, line }) => {
      const panel = panels.get(meta.panel);
      const [low, high] = panel.domain;
      const box = { x: l - left, y: (1 - high) * height, width, height: (high - low) * height };
      return { meta, panel, box, colour: colours[meta.player], width: line.width, opacity: opacityOf(meta.layer) };
    });
  }

  // Rows from `from` to `to`, cut off at their panel's edge. False where one of them lies beyond it.
  function draw({ steps, from, to, ranges, valuesOf, scaled }) {
    const [left, right] = ranges.x;
    let fits = steps[to - 1] <= right;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.lineJoin = "round";
    for (const { meta, panel, box, colour, width, opacity } of lines) {
      const values = opacity ? valuesOf(meta) : null;
      if (!values) continue;
      const [low, high] = ranges[panel.axis];
      pen.save();
      pen.beginPath();
      pen.rect(box.x, box.y, box.width, box.height);
      pen.clip();
      Object.assign(pen, { strokeStyle: colour, lineWidth: width, globalAlpha: opacity });
      pen.beginPath();
      for (let row = from; row < to; row++) {
        const height = scaled(panel, values[row]);
        if (!Number.isFinite(height)) continue;
        if (height < low || height > high) fits = false;
        pen.lineTo(box.x + ((steps[row] - left) / (right - left)) * box.width, box.y + (1 - (height - low) / (high - low)) * box.height);
      }
      pen.stroke();
      pen.restore();
    }
    for (const label of labels) pen.clearRect(...label);
    return fits;
  }

  return { place, draw };
}
