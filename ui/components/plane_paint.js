// Painting the plane. Nothing here asks the page for its layout: sizes come from outside, in device pixels.

const DOTS = { fakes: 4.2, reals: 2.5 }; // radius, in pixels of a square 560 wide
const BUCKETS_OF_DOTS = 15; // colours of judged dots
const INSET = { at: 0.025, size: 0.27 }; // the noise, as a square in the lower left corner
const ARROW_PX = 30;
const MOST_ARROWS = 128; // more than these hide each other

function makePlanePainter(canvas) {
  let pen = canvas.getContext("2d", { alpha: false });
  const stampOf = makeStamps();
  let small = null; // the map, one pixel a value
  let look = null;
  let side = 1;
  let colours = {};
  let shades = null;
  let unit = 1; // device pixels in one of a square 560 wide
  let longest = 0; // arrow, as a moving mean
  let past = null; // where the fakes have been
  let still = null; // the reals
  const span = () => look.span.join(" ");

  const x = (value) => ((value - look.span[0]) / look.span[2] + 1) * (side / 2);
  const y = (value) => (1 - (value - look.span[1]) / look.span[2]) * (side / 2);

  function begin(next, facts) {
    ({ side, colours, shades } = facts);
    look = next;
    unit = Math.max(side / 560, 0.72 * facts.ratio);
    pen.globalAlpha = 1;
    pen.fillStyle = colours.background;
    pen.fillRect(0, 0, side, side);
  }

  function heat(scale) {
    const values = look.heat;
    if (!values) return;
    const count = Math.sqrt(values.length);
    if (small?.canvas.width !== count) {
      const inner = newCanvas(count, count);
      const brush = inner.getContext("2d");
      small = { canvas: inner, brush, pixels: brush.createImageData(count, count) };
    }
    const out = new Uint32Array(small.pixels.data.buffer);
    for (let i = 0; i < values.length; i++) out[i] = shades.heat[Math.round((scale.of(values[i]) + 1) * 0.5 * (SHADES - 1))];
    small.brush.putImageData(small.pixels, 0, 0);
    pen.imageSmoothingEnabled = true;
    pen.imageSmoothingQuality = "low";
    pen.drawImage(small.canvas, 0, 0, side, side);
  }

  // Where D cannot tell.
  function level(value, strong) {
    if (!look.heat || value === null) return;
    pen.beginPath();
    traceLevel(pen, look.heat, value, side);
    pen.strokeStyle = colours.neutral;
    pen.lineWidth = (strong ? 3.2 : 1.6) * unit;
    pen.setLineDash([6 * unit, 5 * unit]);
    pen.stroke();
    pen.setLineDash([]);
  }

  function dots(places, { colour, radius, rim, alpha = 1, shareOf = null, at = null }) {
    pen.globalAlpha = alpha;
    const plain = shareOf ? null : stampOf(colour, radius * unit, rim);
    for (let i = 0; i < places.length / 2; i++) {
      const bucket = shareOf && Math.round(((shareOf(i) + 1) / 2) * (BUCKETS_OF_DOTS - 1));
      const stamp = plain ?? stampOf(shades.dot((2 * bucket) / (BUCKETS_OF_DOTS - 1) - 1), radius * unit, rim);
      const [px, py] = at ? at(i) : [x(places[2 * i]), y(places[2 * i + 1])];
      pen.drawImage(stamp.canvas, px - stamp.middle, py - stamp.middle);
    }
    pen.globalAlpha = 1;
  }

  const corner = (i, j) => {
    const at = 2 * (i * look.columns + j);
    return [x(look.warped[at]), y(look.warped[at + 1])];
  };

  // The cell of the grid that a fake comes from.
  function cell([i, j]) {
    pen.beginPath();
    for (const [row, column] of [[i, j], [i, j + 1], [i + 1, j + 1], [i + 1, j]]) pen.lineTo(...corner(row, Math.min(column, look.columns - 1)));
    pen.closePath();
    pen.globalAlpha = 0.5;
    pen.fillStyle = pen.strokeStyle = colours.run1;
    pen.lineWidth = 3 * unit;
    pen.fill();
    pen.stroke();
    pen.globalAlpha = 1;
  }

  function lines() {
    const { rows, columns, warped } = look;
    if (!warped) return;
    pen.beginPath();
    for (let i = 0; i < rows && columns > 1; i++) for (let j = 0; j < columns; j++) pen[j ? "lineTo" : "moveTo"](...corner(i, j));
    for (let j = 0; j < columns; j++) for (let i = 0; i < rows; i++) pen[i ? "lineTo" : "moveTo"](...corner(i, j));
    pen.strokeStyle = colours.generator;
    pen.globalAlpha = 0.6;
    pen.lineWidth = (columns > 1 ? 1.1 : 2.4) * unit;
    pen.stroke();
    pen.globalAlpha = 1;
  }

  // Long ones are shortened, not cut: their length goes with the root of the gradient's.
  function arrows(grown) {
    const { arrows: slopes, fakes } = look;
    if (!slopes || !grown) return;
    let sum = 0;
    for (let i = 0; i < slopes.length; i += 2) sum += Math.hypot(slopes[i], slopes[i + 1]);
    const mean = (2 * sum) / slopes.length;
    longest = longest ? longest + 0.1 * (2.5 * mean - longest) : 2.5 * mean;
    pen.beginPath();
    const stride = 2 * Math.ceil(slopes.length / 2 / MOST_ARROWS);
    for (let i = 0; i < slopes.length; i += stride) {
      const strength = Math.hypot(slopes[i], slopes[i + 1]);
      if (!strength) continue;
      const size = grown * ARROW_PX * unit * Math.min(1.3, Math.sqrt(strength / (longest || 1)));
      if (size < 3 * unit) continue;
      const [ux, uy] = [slopes[i] / strength, -slopes[i + 1] / strength];
      const [px, py] = [x(fakes[i]), y(fakes[i + 1])];
      const [ex, ey] = [px + ux * size, py + uy * size];
      const head = Math.min(7 * unit, 0.5 * size);
      pen.moveTo(px, py);
      pen.lineTo(ex, ey);
      pen.moveTo(ex - head * (ux + 0.55 * uy), ey - head * (uy - 0.55 * ux));
      pen.lineTo(ex, ey);
      pen.lineTo(ex - head * (ux - 0.55 * uy), ey - head * (uy + 0.55 * ux));
    }
    pen.strokeStyle = colours.run1;
    pen.lineWidth = 1.5 * unit;
    pen.stroke();
  }

  // The fakes' last ways, faded a little each time they have moved: kept beside the plane, at half its size, since lines cost most.
  function trail(before, after, box) {
    const small = Math.max(1, Math.round(side / 2));
    if (!past || past.canvas.width !== small) past = { canvas: newCanvas(small, small) };
    past.pen ??= past.canvas.getContext("2d");
    past.pen.globalCompositeOperation = "destination-out";
    past.pen.fillStyle = "rgb(0 0 0 / 20%)";
    past.pen.fillRect(0, 0, small, small);
    past.pen.globalCompositeOperation = "source-over";
    past.pen.strokeStyle = colours.fake;
    past.pen.lineWidth = unit;
    past.pen.beginPath();
    const [ax, ay] = [(value) => ((value - box[0]) / box[2] + 1) * (small / 2), (value) => (1 - (value - box[1]) / box[2]) * (small / 2)];
    for (let i = 0; i < after.length; i += 2) {
      if (Math.abs(after[i] - before[i]) + Math.abs(after[i + 1] - before[i + 1]) < 0.004 * box[2]) continue;
      past.pen.moveTo(ax(before[i]), ay(before[i + 1]));
      past.pen.lineTo(ax(after[i]), ay(after[i + 1]));
    }
    past.pen.stroke();
  }

  function trails() {
    if (!past) return;
    pen.globalAlpha = 0.7;
    pen.drawImage(past.canvas, 0, 0, side, side);
    pen.globalAlpha = 1;
  }

  // Points that stay where they are, drawn once for all frames.
  function stay(places, look) {
    const name = `${side} ${look.colour} ${span()}`;
    if (still?.name !== name || still.places !== places) {
      const canvas = newCanvas(side, side);
      const plane = pen;
      pen = canvas.getContext("2d");
      dots(places, look);
      pen = plane;
      still = { name, places, canvas };
    }
    pen.drawImage(still.canvas, 0, 0);
  }

  function ring(i) {
    pen.beginPath();
    pen.arc(x(look.fakes[2 * i]), y(look.fakes[2 * i + 1]), 9 * unit, 0, 7);
    pen.strokeStyle = colours.text;
    pen.lineWidth = 2.4 * unit;
    pen.stroke();
  }

  // Where a z lies in the little square; with one number on its middle line.
  function insetPlace(i) {
    const [left, size] = [INSET.at * side, INSET.size * side];
    const reach = Math.max(...look.gridZ.map(Math.abs), 1) * 1.12;
    const wide = look.z.length / (look.fakes.length / 2);
    const share = (value) => 0.5 + 0.5 * Math.max(-1, Math.min(1, value / reach));
    const [across, up] = [look.z[wide * i], wide > 1 ? look.z[wide * i + 1] : 0];
    return [left + size * share(across), side - left - size * share(up)];
  }

  function inset(title) {
    const [left, size] = [INSET.at * side, INSET.size * side];
    pen.globalAlpha = 0.94;
    pen.fillStyle = colours.background;
    pen.fillRect(left, side - left - size, size, size);
    pen.globalAlpha = 1;
    pen.strokeStyle = colours.border;
    pen.lineWidth = 1.5 * unit;
    pen.strokeRect(left, side - left - size, size, size);
    pen.fillStyle = colours.muted;
    pen.font = `600 ${Math.round(14 * unit)}px ${colours.family}`;
    pen.textBaseline = "top";
    pen.fillText(title, left + 7 * unit, side - left - size + 6 * unit);
  }

  // Where D will think more of a place (up) or less (down) after its step.
  function wishes(after, strength, scale) {
    if (!look.heat || after?.length !== look.heat.length) return;
    const count = Math.sqrt(after.length);
    const stride = Math.max(1, Math.round(count / 16));
    let most = 1e-9;
    for (let i = 0; i < after.length; i++) most = Math.max(most, Math.abs(scale.of(after[i]) - scale.of(look.heat[i])));
    pen.globalAlpha = strength;
    for (let row = stride >> 1; row < count; row += stride) {
      for (let column = stride >> 1; column < count; column += stride) {
        const change = (scale.of(after[row * count + column]) - scale.of(look.heat[row * count + column])) / most;
        const size = 8 * unit * Math.sqrt(Math.abs(change));
        if (size < 1.6 * unit) continue;
        const [px, py, up] = [((column + 0.5) * side) / count, ((row + 0.5) * side) / count, change > 0 ? -1 : 1];
        pen.beginPath();
        pen.moveTo(px - size, py - up * size * 0.6);
        pen.lineTo(px + size, py - up * size * 0.6);
        pen.lineTo(px, py + up * size);
        pen.fillStyle = change > 0 ? colours.real : colours.fake;
        pen.fill();
      }
    }
    pen.globalAlpha = 1;
  }

  return { begin, heat, level, dots, cell, lines, arrows, trail, trails, stay, ring, inset, insetPlace, wishes, x, y, forget: () => (past = still = null) };
}
