// What the view asks of the run's latent socket: one look at a time, the next when there is news, and figures now and then.

const LOOK = { ask: "plane", heat: 48, grid: 15, fakes: 256, figures: false };
const MEASURE = { ask: "plane", heat: 0, grid: 0, fakes: 0, figures: true };
const MEASURE_MS = 1000;
const AGAIN_MS = 400;
const PASSING_TROUBLES = ["busy", "no_weights"];

// An answer's arrays as the painters want them; null where the plane itself is not in it.
function lookOf({ step, half = 0, axis, span, heat, warped, grid_z: gridZ, fakes, z, verdict, arrows }) {
  if (!fakes) return null;
  const [rows, columns] = warped?.shape ?? [0, 0];
  const values = (array) => array?.values ?? null;
  return { step, half, axis, span, heat: values(heat), warped: values(warped), rows, columns, gridZ: gridZ ? [...gridZ.values] : null, fakes: values(fakes), z: values(z), verdict: values(verdict), arrows: values(arrows) };
}

// `onLook(look)`, `onFigures(figures)`, `onTrouble(code)`, `onExpired()` for a ticket that is too old.
function makePlaneAsks({ onLook, onFigures, onTrouble, onExpired }) {
  let out = false; // a look is on its way
  let wanted = false; // and there is something newer
  let measured = -Infinity;
  let newest = 0;
  let measuredStep = -1;
  let timers = [];
  const latent = makeLatent({
    url: "",
    token: "",
    onLink: (link) => link === "open" && (out = false, look()),
    onNews: (step) => ((newest = step), look()),
    onRefused: ({ code }) => code === 4401 && onExpired(),
    onAnswer: take,
  });

  function later(act, wait) {
    timers = timers.filter(({ over }) => !over);
    const one = { over: false };
    one.id = setTimeout(() => ((one.over = true), act()), wait);
    timers.push(one);
  }

  function look() {
    if (out || document.hidden) return void (wanted = true);
    [out, wanted] = [true, false];
    latent.ask("plane", { ...LOOK, weights: "living" });
  }

  function measure() {
    if (measured === Infinity || document.hidden) return;
    const wait = measured + MEASURE_MS - performance.now();
    measured = Infinity;
    later(() => latent.ask("figures", { ...MEASURE, weights: "living" }), Math.max(0, wait));
  }

  function take(answer, { header }) {
    if (header.figures) {
      measured = performance.now();
      if (answer.trouble) return undefined;
      measuredStep = answer.step;
      onFigures(answer.figures ?? null);
      return newest > measuredStep ? measure() : undefined;
    }
    out = false;
    if (answer.trouble) {
      if (PASSING_TROUBLES.includes(answer.trouble)) return later(look, AGAIN_MS);
      return onTrouble(answer.trouble);
    }
    newest = Math.max(newest, answer.step);
    const seen = lookOf(answer);
    if (seen) onLook(seen);
    if (newest !== measuredStep) measure();
    return wanted ? look() : undefined;
  }

  const shown = () => !document.hidden && !latent.idle && look();
  document.addEventListener("visibilitychange", shown);

  function close() {
    for (const { id } of timers) clearTimeout(id);
    [timers, out, wanted, measured, newest, measuredStep] = [[], false, false, -Infinity, 0, -1];
    latent.close();
  }

  return {
    aim: latent.aim,
    open: () => ((out = false), latent.open()),
    close,
    look,
    destroy: () => (close(), document.removeEventListener("visibilitychange", shown)),
    get idle() {
      return latent.idle;
    },
  };
}
