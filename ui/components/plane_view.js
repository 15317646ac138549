// The Playground's view. Streamlit calls the default export again after each rerun; the view lives on the root element, so that
// sockets, curves and what moves stay as they are. Training is never waited for, and never waits for a frame.

const TERMS_OF_PARTS = [null, ["critic", "verdict"], ["critic", "verdict"], ["critic", "verdict"], ["critic", "loss"], ["critic", "loss"], ["generator", "loss"], ["generator", "loss"]];
const KEYS_OF_PLANE = { " ": { name: "toggle" }, s: { name: "step", player: "both" }, d: { name: "step", player: "critic" }, g: { name: "step", player: "generator" } };
const SAID_MS = 250; // texts beside the plane; faster cannot be read

function makePlaneView(root) {
  const find = (selector) => root.querySelector(selector);
  const canvas = find(".pl-frame canvas");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let data = {};
  let words = {};
  let formats = {};
  let tell = () => {};
  let latest = {};
  let frame = 0;
  let commands = 0;
  let written = 0;
  let renewed = false;
  let link = "opening";
  const counts = { frames: 0 };

  const scale = makeScale();
  const compare = makeAsker((name, value) => tell(name, value));
  const motion = makeMotion({ onPart: partBegins, isStill: () => still.matches });
  const hover = makeHover({ root, canvas, lookOf: () => motion.shown, onChange: schedule, said: (text) => putText(find(".pl-said"), text) });
  const scene = makeScene({ canvas, motion, hover, scale });
  const tools = makePlaneTools({ root, send, onLayers: (layers) => (scene.setLayers(layers), schedule()) });
  const chart = makePlaneChart(find(".pl-chart canvas"));
  const formula = makeFormula({ host: find(".gs-formula"), onLight: chart.light, facts: () => ({ values: chart.at(Infinity)?.values, knobs: latest.knobs }) });
  const socket = makeSocket({ onFrame: takeFrame, onLink: setLink, onExpired: renew });
  const asks = makePlaneAsks({
    onLook(look) {
      if (look.axis !== data.axis) return; // of the game before, or of one the page has yet to hear of
      scale.hear(look.heat);
      motion.take(look, performance.now());
      schedule();
    },
    onFigures: tools.showFigures,
    onTrouble: (code) => code !== "no_weights" && say(code === "no_data" ? words.no_data : ""),
    onExpired: renew,
  });

  const state = () => (data.run ? latest.state ?? data.state : null);
  const mark = (facts) => {
    for (const [name, value] of Object.entries(facts)) if (root.dataset[name] !== String(value)) root.dataset[name] = value;
  };

  // Numbered, so that the same command given twice is two commands.
  function send(command) {
    commands += 1;
    tell("command", { ...command, n: commands });
  }

  function schedule() {
    frame ||= requestAnimationFrame(draw);
  }

  function draw(now) {
    frame = 0;
    const moving = motion.frame(now);
    scene.paint(now, moving);
    hover.follow(now);
    counts.frames += 1;
    if (now - written > SAID_MS) write(now);
    if (moving) schedule();
  }

  function write(now = performance.now()) {
    written = now;
    const { place, rates } = latest;
    mark({ state: state() ?? "", step: place?.step ?? 0, connected: link === "open", slow: motion.slow });
    tools.showState(state(), data.controls);
    tools.showPlace(place ? place.step : null, state() === "running" && !motion.slow ? rates?.steps_per_s : NaN);
    if (formats.rate) tools.showLegend(scale, data.verdict);
    formula.show();
    const look = motion.shown;
    const alt = look ? filled(words.plane_alt, { step: formats.whole.format(place?.step ?? look.step), fakes: look.fakes.length / 2 }) : words.plane_empty;
    if (canvas.getAttribute("aria-label") !== alt) canvas.setAttribute("aria-label", alt);
    const waits = { null: words.empty, preparing: words.preparing }[state()] ?? "";
    putText(find(".pl-empty"), look ? "" : waits);
    const lost = link === "lost" && !ENDED.includes(state());
    say(link === "refused" ? words.refused : state() === "failed" ? words.failed : lost ? words.reconnecting : "");
  }

  function say(message) {
    const line = find(".pl-message");
    putText(line, message);
    if (line.hidden !== !message) line.hidden = !message;
  }

  function partBegins(part) {
    mark({ part });
    tools.showPart(part, latest.knobs);
    formula.work(...(TERMS_OF_PARTS[part] ?? []));
  }

  function setLink(next) {
    link = next;
    if (next === "open") renewed = false;
    write();
  }

  // A ticket is good for a while; the page makes a new one at each rerun. Asked for once for each time it helped.
  function renew() {
    if (renewed) return setLink("refused");
    renewed = true;
    tell("renew", true);
    return setLink("lost");
  }

  function takeFrame(got) {
    if (got.run !== data.run) return;
    const { state: now, place, rates, knobs, played } = got;
    const before = latest.state;
    Object.assign(latest, { state: now, place, rates, knobs });
    if (got.rows) chart.add(got.rows);
    if (got.reals) scene.setReals(got.reals.values);
    if (got.pace !== undefined) setPace(got.pace);
    motion.hear(played);
    const single = now === "paused" || motion.slow;
    if (hover.chosen === null && (!played || single)) putText(find(".pl-said"), playedText(played, words, formats));
    if (before !== now || performance.now() - written > SAID_MS) write();
    compare("state", now === data.state ? null : now);
    compare("knobs", turned(data.drawn_for ?? {}, knobs));
    schedule();
  }

  function setPace(pace) {
    motion.setPace(pace);
    tools.setPace(pace);
    mark({ slow: motion.slow });
  }

  function press(event) {
    if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey || !root.getClientRects().length) return;
    const command = KEYS_OF_PLANE[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const target = event.target instanceof Element ? event.target : root;
    if (!command || target.closest(WRITES) || document.querySelector("[role=dialog][aria-modal=true]")) return;
    if (command.name === "toggle" && target.closest(PRESSES)) return;
    const button = command.name === "toggle" ? find("[data-do=toggle]") : find(`[data-step=${command.player}]`);
    event.preventDefault();
    if (!button.disabled) send(command);
  }

  function begin() {
    latest = {};
    for (const name of ["state", "knobs"]) compare(name, null);
    [renewed, link] = [false, "opening"];
    socket.close();
    asks.close();
    for (const part of [motion, scene, chart, formula, hover]) part.clear();
    tools.showFigures(null);
    scale.set(data);
    putText(find(".pl-said"), "");
    if (data.target) scene.setReals(data.target.flat());
    if (!data.run) return;
    socket.aim(data);
    asks.aim(data.latent);
    socket.open();
    asks.open();
  }

  function update(next, sender) {
    const before = data;
    const changed = (...names) => names.some((name) => JSON.stringify(before[name]) !== JSON.stringify(next[name]));
    [data, words, tell] = [next, next.words, sender];
    const newWords = changed("words");
    if (newWords) {
      formats = planeFormats(words.locale);
      tools.setWords(words, formats);
      hover.setWords(words, formats);
      find(".pl-chart canvas").setAttribute("aria-label", words.chart_alt);
    }
    const mode = isDark(root) ? "dark" : "light";
    if (newWords || root.dataset.mode !== mode || changed("palette")) {
      mark({ mode });
      const colours = { ...data.palette[mode], family: getComputedStyle(root).fontFamily };
      for (const [name, colour] of Object.entries(data.palette[mode])) root.style.setProperty(`--gs-${name}`, colour);
      const shades = makeShades(colours, mode);
      ["low", "mid", "high"].forEach((name, i) => root.style.setProperty(`--pl-${name}`, shades.ends[i]));
      scene.setLook(colours, shades);
      chart.setLook(words, formats, colours);
    }
    if (newWords || changed("formula")) formula.set(data.formula, formats);
    if (changed("figure")) chart.setFigure(data.figure);
    if (changed("axis", "verdict")) scale.set(data);
    if (changed("game") && !asks.idle) asks.look(); // a paused run has no news, and another game other verdicts
    if (newWords || changed("layers")) tools.setLayers(data.layers);
    scene.setLayers(data.layers);
    if (newWords || changed("pace")) setPace(data.pace);
    const newRun = !("run" in before) || changed("run");
    if (newRun) begin();
    else if (data.run) {
      socket.aim(data);
      asks.aim(data.latent);
      if (changed("target") && !latest.state) scene.setReals(data.target?.flat() ?? null);
      if (changed("state")) compare("state", null);
      const goesOn = changed("state") && link === "done" && !ENDED.includes(data.state);
      if (goesOn || (changed("token") && socket.idle && link !== "done")) socket.open();
      if (goesOn || (changed("token") && asks.idle)) asks.open();
    } else if (changed("target")) scene.setReals(data.target?.flat() ?? null);
    write();
    schedule();
  }

  const resizer = new ResizeObserver(() => (scene.resize(), schedule()));
  resizer.observe(canvas);
  document.addEventListener("keydown", press);
  return {
    update,
    get frames() {
      return counts.frames;
    },
    destroy() {
      cancelAnimationFrame(frame);
      socket.close();
      for (const part of [asks, tools, chart]) part.destroy();
      resizer.disconnect();
      document.removeEventListener("keydown", press);
    },
  };
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".gs-plane-view");
  root.gsPlane ??= makePlaneView(root);
  root.gsPlane.update(data, (name, value) => setTriggerValue(name, value));
  return () => {
    root.gsPlane?.destroy();
    delete root.gsPlane;
  };
}
