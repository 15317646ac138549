// What the plane's painter is made of: dots that are drawn once, and the line of one level.

// One dot, drawn once: stamping it is cheaper than an arc each.
function makeStamps() {
  const made = new Map();
  return (colour, radius, rim) => {
    const name = `${colour} ${radius} ${rim}`;
    if (!made.has(name)) {
      if (made.size > 200) made.clear();
      const middle = Math.ceil(radius + 2);
      const canvas = newCanvas(2 * middle, 2 * middle);
      const pen = canvas.getContext("2d");
      pen.beginPath();
      pen.arc(middle, middle, radius, 0, 7);
      pen.fillStyle = colour;
      pen.fill();
      if (rim) {
        pen.lineWidth = Math.max(1, radius / 3.2);
        pen.strokeStyle = rim;
        pen.stroke();
      }
      made.set(name, { canvas, middle });
    }
    return made.get(name);
  };
}

// The line of a square map on which it has this value, square by square.
function traceLevel(pen, values, value, side) {
  const count = Math.sqrt(values.length);
  const cell = side / count;
  const corners = [0, 0, 0, 0];
  for (let row = 0; row < count - 1; row++) {
    for (let column = 0; column < count - 1; column++) {
      const i = row * count + column;
      corners[0] = values[i] - value;
      corners[1] = values[i + 1] - value;
      corners[2] = values[i + count + 1] - value;
      corners[3] = values[i + count] - value;
      let started = false;
      for (let edge = 0; edge < 4; edge++) {
        const [a, b] = [corners[edge], corners[(edge + 1) % 4]];
        if (a > 0 === b > 0) continue;
        const share = a / (a - b);
        const across = edge === 0 ? share : edge === 1 ? 1 : edge === 2 ? 1 - share : 0;
        const down = edge === 0 ? 0 : edge === 1 ? share : edge === 2 ? 1 : 1 - share;
        pen[started ? "lineTo" : "moveTo"]((column + 0.5 + across) * cell, (row + 0.5 + down) * cell);
        started = !started;
      }
    }
  }
}
