// One frame of the plane: which layers, in which order, and what a part of slow motion changes about them.

const TRAIL_MS = 70; // between two of its places

function makeScene({ canvas, motion, hover, scale }) {
  const painter = makePlanePainter(canvas);
  let past = null;
  let remembered = 0;
  let reals = null;
  let layers = {};
  let colours = null;
  let shades = null;
  let span = null;
  let side = 0;
  let title = "z";

  function resize() {
    const ratio = window.devicePixelRatio || 1;
    side = Math.round(canvas.clientWidth * ratio);
    if (side && canvas.width !== side) [canvas.width, canvas.height] = [side, side];
    return side > 0;
  }

  // Only while fakes move: the trail of a run that rests stays, and says where its last steps went.
  function remember(now, moving) {
    const { fakes, span: box } = motion.shown;
    if (past?.length !== fakes.length) past = Float32Array.from(fakes);
    if (!moving || now - remembered < TRAIL_MS || !changedSince(past, fakes)) return;
    remembered = now;
    painter.trail(past, fakes, box);
    past = Float32Array.from(fakes);
  }

  function verdictAt(look, x, y) {
    const count = Math.sqrt(look.heat.length);
    const index = (share) => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
    return look.heat[index((1 - (y - look.span[1]) / look.span[2]) / 2) * count + index(((x - look.span[0]) / look.span[2] + 1) / 2)];
  }

  function paintFakes(look, { part, share, moving }) {
    const rim = colours.background;
    const judged = part === 3 || part === 4;
    const fly = part === 2 && moving ? smoothly(share) : 1;
    const drawn = { colour: colours.fake, radius: DOTS.fakes, rim };
    if (part === 1 && moving) return painter.dots(look.fakes, { ...drawn, alpha: 0.2 });
    if (judged && look.verdict) return painter.dots(look.fakes, { ...drawn, shareOf: (i) => scale.of(look.verdict[i]) });
    if (fly >= 1) return painter.dots(look.fakes, drawn);
    const at = (i) => {
      const [fromX, fromY] = painter.insetPlace(i);
      return [fromX + (painter.x(look.fakes[2 * i]) - fromX) * fly, fromY + (painter.y(look.fakes[2 * i + 1]) - fromY) * fly];
    };
    return painter.dots(look.fakes, { ...drawn, at });
  }

  function paintInset(look, { part, share, moving }) {
    const chosen = hover.chosen;
    const sampling = moving && (part === 1 || part === 2);
    if (!look.z || !look.gridZ || (!sampling && chosen === null)) return;
    painter.inset(title);
    const dots = { colour: colours.fake, radius: 2.2, rim: null, at: painter.insetPlace };
    const come = part === 1 && sampling ? Math.ceil((share * look.fakes.length) / 2) : look.fakes.length / 2;
    painter.dots(look.fakes.subarray(0, 2 * come), sampling ? dots : { ...dots, alpha: 0.35 });
    if (chosen !== null) painter.dots([0, 0], { ...dots, radius: 5, colour: colours.run1, rim: colours.background, at: () => painter.insetPlace(chosen) });
  }

  function paint(now, moving) {
    if (!side && !resize()) return;
    const look = motion.shown ?? (span && { span });
    painter.begin(look, { side, colours, shades, ratio: window.devicePixelRatio || 1 });
    if (!look) return;
    const stage = motion.stage;
    const judging = stage.part === 3 || stage.part === 4;
    if (layers.heat) {
      painter.heat(scale);
      painter.level(scale.level, stage.part === 4);
    }
    if (layers.grid && look.warped) painter.lines();
    if (layers.reals && reals) {
      const judged = judging && look.heat ? (i) => scale.of(verdictAt(look, reals[2 * i], reals[2 * i + 1])) : null;
      const points = { colour: colours.real, radius: DOTS.reals, rim: null };
      if (judged) painter.dots(reals, { ...points, shareOf: judged });
      else painter.stay(reals, { ...points, alpha: 0.72 });
    }
    if (!look.fakes) return;
    if (stage.part === 4 && stage.moving && motion.next?.heat) painter.wishes(motion.next.heat, Math.min(1, 3 * stage.share), scale);
    remember(now, moving);
    if (layers.trails && layers.fakes) painter.trails();
    const cell = hover.chosen !== null && look.warped && cellOf(look, hover.chosen);
    if (cell) painter.cell(cell);
    const pulled = stage.part === 6 && stage.moving ? smoothly(Math.min(1, 1.5 * stage.share)) : stage.part === 7 && stage.moving ? 1 - stage.share : stage.part && stage.part < 6 ? 0 : 1;
    if (stage.part === 6 || (layers.arrows && pulled)) painter.arrows(pulled);
    if (layers.fakes) paintFakes(look, stage);
    if (hover.chosen !== null) painter.ring(hover.chosen);
    paintInset(look, stage);
  }

  return {
    paint,
    resize,
    setLayers: (next) => (layers = next),
    setLook: (nextColours, nextShades) => ([colours, shades] = [nextColours, nextShades]),
    // Until the first answer says it, the square is that of the points themselves.
    setReals(values) {
      reals = values;
      if (!values?.length) return;
      const box = planeBox({ values });
      span = [box.x + box.size / 2, box.y + box.size / 2, box.size / 2];
    },
    clear: () => (painter.forget(), ([past, reals, span] = [null, null, null])),
  };
}
