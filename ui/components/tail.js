// The newest rows as an SVG of our own over Plotly's curves: one clipping <svg> a panel, one path a trace.

const SVG = "http://www.w3.org/2000/svg";

function makeTail(svg) {
  let paths = [];

  // Anew and emptied: Plotly has just drawn all there is.
  function place(figure, { l, t, width, height }, { colours, opacityOf }) {
    svg.replaceChildren();
    const boxes = new Map();
    for (const panel of figure.layout.meta.panels) {
      const [low, high] = panel.domain;
      const box = document.createElementNS(SVG, "svg");
      const size = { x: l, y: t + (1 - high) * height, width, height: (high - low) * height };
      for (const [key, value] of Object.entries(size)) box.setAttribute(key, value);
      boxes.set(panel.panel, { box, panel, size });
      svg.append(box);
    }
    paths = figure.data.map(({ meta, line }) => {
      const path = document.createElementNS(SVG, "path");
      const opacity = opacityOf(meta.layer);
      const look = { fill: "none", stroke: colours[meta.player], "stroke-width": line.width, opacity };
      for (const [key, value] of Object.entries(look)) path.setAttribute(key, value);
      boxes.get(meta.panel).box.append(path);
      return { path, meta, ...boxes.get(meta.panel), hidden: !opacity };
    });
  }

  // Rows from `from` to `to`, cut off at their panel's edge. False where one of them lies beyond it.
  function draw({ steps, from, to, ranges, valuesOf, scaled }) {
    const [left, right] = ranges.x;
    let fits = steps[to - 1] <= right;
    for (const { path, meta, panel, size, hidden } of paths) {
      const values = hidden ? null : valuesOf(meta);
      if (!values) continue;
      const [low, high] = ranges[panel.axis];
      let d = "";
      for (let row = from; row < to; row++) {
        const height = scaled(panel, values[row]);
        if (!Number.isFinite(height)) continue;
        if (height < low || height > high) fits = false;
        const x = ((steps[row] - left) / (right - left)) * size.width;
        d += `${d ? "L" : "M"}${x.toFixed(1)},${((1 - (height - low) / (high - low)) * size.height).toFixed(1)}`;
      }
      path.setAttribute("d", d);
    }
    return fits;
  }

  return { place, draw };
}
