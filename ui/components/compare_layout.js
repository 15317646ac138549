// Where things of several runs are: places on the three x axes, and the chart's panels.

const UNITS = { step: "step", images: "images", seconds: "elapsed_s" }; // what the reader chooses -> the column it is
const MARGIN = { l: 46, r: 12, t: 24, b: 40 };
const GUTTER = 58; // pixels between two columns, and between two rows: tick labels, and the panel's title

// One value of a run's column at a step, between its rows; every run begins at nothing.
function placeOf(store, step, unit) {
  const [steps, values] = [store.column("step"), store.column(UNITS[unit])];
  if (unit === "step" || !store.length) return unit === "step" ? step : 0;
  const row = Math.min(rowAt(steps, store.length, step), store.length - 1);
  const [fromStep, from] = row ? [steps[row - 1], values[row - 1]] : [0, 0];
  const share = (step - fromStep) / (steps[row] - fromStep || 1);
  return from + Math.min(1, share) * (values[row] - from);
}

// The other way round: which step a place on the x axis is for this run; beyond its end, by its mean pace.
function stepOf(store, place, unit) {
  if (unit === "step" || !store.length) return place;
  const [steps, values] = [store.column("step"), store.column(UNITS[unit])];
  const last = store.length - 1;
  if (place >= values[last]) return (place * steps[last]) / (values[last] || 1);
  const row = rowAt(values, store.length, place);
  const [fromStep, from] = row ? [steps[row - 1], values[row - 1]] : [0, 0];
  return fromStep + ((place - from) / (values[row] - from || 1)) * (steps[row] - fromStep);
}

// Panels two beside each other where there is room; one that would stand alone in its row takes all of it.
function arrange(panels, { width, height }) {
  const wide = width >= 640;
  const rows = [];
  for (const panel of panels) {
    const family = panel.curve.split("/")[0];
    const row = rows[rows.length - 1];
    if (wide && row?.length === 1 && row[0].family === family) row.push({ ...panel, family });
    else rows.push([{ ...panel, family }]);
  }
  const [across, down] = [width - MARGIN.l - MARGIN.r, height - MARGIN.t - MARGIN.b];
  const tall = (down - GUTTER * (rows.length - 1)) / rows.length;
  return rows.flatMap((row, i) =>
    row.map((panel, j) => {
      const span = (across - GUTTER * (row.length - 1)) / row.length;
      return { ...panel, bottom: i === rows.length - 1, box: { x: j * (span + GUTTER), y: i * (tall + GUTTER), width: span, height: tall } };
    }),
  );
}

function baseLayout(cells, { width, height }) {
  const [across, down] = [width - MARGIN.l - MARGIN.r, height - MARGIN.t - MARGIN.b];
  const layout = {
    ...{ width, height, margin: { ...MARGIN, autoexpand: false }, showlegend: false, hovermode: "x unified", dragmode: "zoom" },
    ...{ paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", shapes: [] },
  };
  cells.forEach(({ box }, i) => {
    const number = i ? i + 1 : "";
    const common = { zeroline: false, automargin: false };
    layout[`xaxis${number}`] = {
      ...common,
      ...{ domain: [box.x / across, (box.x + box.width) / across], anchor: `y${number}`, range: [0, 100] },
      ...{ nticks: 7, tickformat: ",.2~f", hoverformat: ",.2~f", showspikes: true, spikemode: "across", spikethickness: 1 },
      ...(i && { matches: "x" }),
    };
    layout[`yaxis${number}`] = {
      ...common,
      ...{ domain: [1 - (box.y + box.height) / down, 1 - box.y / down], anchor: `x${number}`, range: [0, 1], fixedrange: true },
      ...{ nticks: 6, showspikes: false, exponentformat: "power" },
    };
  });
  return layout;
}

// What stands over the chart in HTML: the panels' titles, and in each the line that shows where the slider is.
function makeLines(heads, cursors) {
  return {
    show(cells) {
      const place = (element, { x, y, width, height }) => {
        Object.assign(element.style, { left: `${MARGIN.l + x}px`, top: `${MARGIN.t + y}px`, width: `${width}px`, height: `${height}px` });
        return element;
      };
      heads.replaceChildren(
        ...cells.map(({ title, box }) => {
          const head = Object.assign(document.createElement("b"), { textContent: title, title });
          return place(head, { ...box, height: 0 });
        }),
      );
      cursors.replaceChildren(
        ...cells.map(({ box }) => {
          const panel = place(document.createElement("div"), box);
          panel.append(document.createElement("i"));
          return panel;
        }),
      );
    },
    // None where a zoom leaves the slider's place outside.
    place(cells, share) {
      [...cursors.children].forEach(({ firstChild: line }, i) => {
        line.style.transform = `translateX(${(share * cells[i].box.width).toFixed(1)}px)`;
        line.hidden = !(share >= 0 && share <= 1);
      });
    },
  };
}
