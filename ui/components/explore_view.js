// The Explore page's view: one place in the latent space, and everything that can be seen from it. Streamlit calls the default export
// again after each rerun; the view lives on the root element, so that socket, place and pictures stay as they are.

const PASSING = ["busy", "no_weights"]; // troubles after which one asks again
const FAILED = { 4401: "refused", 4403: "refused", 4404: "gone", 4400: "misread" };

function makeExplorer(root) {
  const find = (selector) => root.querySelector(selector);
  let data = {};
  let words = {};
  let formats = {};
  let colours = {};
  let tell = () => {};
  let weights = "averaged";
  let axes = { x: axisOf("sefa-1"), y: axisOf("sefa-2") };
  let renewed = false;
  let calm = 0;

  const place = makePlace({ onMove: moved });
  const showAside = makeCalm(() => (rail.show(), tools.show()), 100);
  const latent = makeLatent({ url: "", token: "", onAnswer: take, onLink: setLink, onNews: news, onRefused: refused });
  const pieces = makePieces();
  const sight = makeSight(pieces.look);
  const say = makeSaid(root);
  const classes = makeClassChoice({ root, place });
  const directions = makeDirections({ ask: (lane, header, note) => latent.ask(lane, { ...look(), ...header }, null, null, note), onCome: reaxis, label: () => place.label });
  const time = makeTime({ root, onList: listed, onMoment: momentChosen, onExpired: renew });
  const isTime = () => axes.y.kind === TIME;
  const pad = makePad({
    root,
    place,
    goTime: time.goShare,
    timeAt: () => (isTime() ? time.share : null),
    stepTime: time.goBy,
    onDrift: (on) => find("[data-do=drift]").setAttribute("aria-pressed", on),
  });
  const rail = makeRail({ root, place, directions, onKind: () => reaxis() });
  const wall = makeWall({ root, place });
  const verdict = makeVerdict(root);
  const critic = makeCritic({ root, place, said: verdict.said });
  const near = makeNear({ root, onBy: pieces.look });
  const keep = makeKeep({ root, place, send: (command) => report.command(command) });
  const menus = makeAxisMenus({ root, onChoose: chooseAxis, most: directions.most, classes: directions.classes, leads: () => !classes.told, hasTime: () => time.steps.length > 0 });
  const tabs = makeTabs({ root, onOpen: pieces.look });
  const report = makeReport({ tell: (...what) => tell(...what), linked });
  const image = makeImage({ root, verdict, near, keep });
  const map = makeTiles(find("[data-canvas=map]"), { across: CELLS, down: CELLS, gap: 0.03 });
  const under = makeTiles(find("[data-canvas=under]"), { across: CELLS });
  const beside = makeTiles(find("[data-canvas=beside]"), { across: 1, down: CELLS });
  const asks = makeExploreAsks({ place, classes, rail, wall, critic, near, time, latent, pieces, sight, root, look, isTime, paint: { image, map, under, beside } });
  const tools = bindExplorer({ root, place, pad, critic, wall, time, pieces, say, words: () => words, choose: (next) => lookChanged((weights = next)), isTime, chooseAxis, image, linked, report });
  const repaint = new ResizeObserver(paintAgain);
  repaint.observe(root);
  for (const element of root.querySelectorAll("canvas, .ex-panel, .ex-sliders, .ex-classes")) sight.watch(element);

  // Whose weights, and which class: every ask says so.
  function look() {
    return { weights, at: time.at, labels: classes.labels };
  }

  const mark = (facts) => Object.assign(root.dataset, facts);

  function moved(settled) {
    if (classes.turned()) return reaxis(settled);
    pieces.look(); // first: while the network draws, the page has time for what follows
    pad.show();
    showAside();
    return settled && !pad.moving && report.place();
  }

  // The view in words that fit a link; the page puts them there.
  function linked() {
    const facts = { run: data.run, asked: data.asked, x: axisText(axes.x), y: axisText(axes.y), psi: String(place.psi), weights, at: time.at === null ? "" : String(time.at), ...(data.told ? { class: String(place.label) } : {}) };
    return place.seed === null ? { ...facts, z: textOf(place.z) } : { ...facts, seed: String(place.seed) };
  }

  function reaxis(settled = false) {
    const first = directions.vector(axes.x);
    const second = isTime() ? null : apart(directions.vector(axes.y), first);
    place.setAxes([first, second]);
    menus.show(axes);
    rail.refresh();
    moved(settled);
  }

  function chooseAxis(name, axis) {
    axes = axesWith(axes, name, axis, directions.most);
    showAxes();
    reaxis();
    report.place();
  }

  function showAxes() {
    mark({ time: isTime() });
    find("[data-do=time]").setAttribute("aria-pressed", isTime());
  }

  function lookChanged() {
    directions.begin(data.dim, `${data.run} ${weights} ${time.at ?? ""}`);
    tools.showWeights(weights);
    reaxis();
    if (!pad.moving) report.place();
  }

  function momentChosen() {
    if (!isTime()) return lookChanged();
    pad.show(); // directions stay: the axis of time must not turn the other one
    pieces.look();
    clearTimeout(calm);
    return (calm = setTimeout(report.place, 400));
  }

  function listed() {
    showAxes();
    pad.show();
    pieces.look();
  }

  function news() {
    if (time.at === null) pieces.renew();
    time.refresh();
  }

  function setLink(link) {
    mark({ connected: link === "open" });
    if (link === "open") renewed = false;
    say.message(link === "open" ? "" : words.reconnecting);
    if (link === "open") pieces.look();
  }

  // A ticket is good for a while; the page makes a new one at each rerun, so ask for one, and only once for each time it helped.
  function renew() {
    if (renewed) return say.message(words.refused);
    renewed = true;
    setTimeout(() => latent.idle && say.message(words.refused), 5000);
    return tell("renew", true);
  }

  function refused({ code, reason }) {
    mark({ connected: false });
    if (code === 4401) return renew();
    return say.message(filled(words[FAILED[code] ?? "refused"], { reason }));
  }

  function take(got, asked) {
    say.message("");
    if (got.trouble) return trouble(got.trouble, got.lane, asked);
    say.clear(got.lane);
    if (asked.header.ask === "directions") return directions.take(got, asked.note);
    if (classes.unnamed && !renewed) tell("renew", (renewed = true)); // now that it draws they have names
    return asks.take(got, asked);
  }

  function trouble(code, lane, { header, note }) {
    const forAxes = header.ask === "directions";
    if (forAxes) directions.lost(note);
    if (PASSING.includes(code)) forAxes ? setTimeout(reaxis, BUSY_MS) : pieces.later(asks.pieceOf(lane));
    if (code === "no_moment") {
      time.refresh();
      if (time.at !== null && !isTime()) time.choose(null);
    }
    if (code !== "busy") say.trouble(lane, words[`trouble_${code}`] ?? words.trouble_other);
  }

  function paintAgain() {
    for (const tiles of [image, classes, map, under, beside, rail, wall, critic, near, time]) tiles.again();
    tabs.check();
    pieces.look();
  }

  function showWords() {
    formats = makeFormats(words.locale);
    spell(root, words, { dim: formats.whole.format(data.dim) });
    menus.setWords(words);
    for (const part of [pad, rail, wall, near, time, image]) part.setWords(words, formats);
    verdict.setWords(words, formats, data.verdict);
  }

  function begin() {
    const { start } = data;
    latent.close();
    pieces.clear();
    pad.halt();
    for (const part of [image, classes, map, under, beside, rail, wall, critic, near]) part.clear();
    renewed = false;
    weights = start.weights;
    axes = { x: axisOf(start.x), y: axisOf(start.y) };
    say.clear();
    time.begin(start, data);
    place.setAxes([null, null]);
    place.begin(start, data.dim);
    showAxes();
    report.begin();
    lookChanged();
    latent.aim(data);
    latent.open();
  }

  function update(next, sender) {
    const before = data;
    const changed = (...names) => names.some((name) => JSON.stringify(before[name]) !== JSON.stringify(next[name]));
    const [newRun, newWords] = [changed("run", "asked"), changed("words", "dim", "verdict")];
    data = next;
    words = data.words;
    tell = sender;
    if (newWords) showWords();
    classes.update(data, words);
    const mode = isDark(root) ? "dark" : "light";
    if (root.dataset.mode !== mode || changed("palette") || newWords) {
      mark({ mode });
      colours = data.palette[mode];
      for (const [name, colour] of Object.entries(colours)) root.style.setProperty(`--gs-${name}`, colour);
      critic.setWords(words, formats, colours);
    }
    if (newWords || changed("favourites")) keep.show(data.favourites, words);
    time.aim(data);
    latent.aim(data);
    if (newRun) begin();
    else if (changed("token", "url") && latent.idle) latent.open();
    if (!tabs.open) tabs.choose("wall");
    tabs.check();
    tools.show();
  }

  document.addEventListener("visibilitychange", pieces.look);
  return {
    update,
    destroy() {
      pad.destroy();
      latent.close();
      pieces.clear();
      sight.stop();
      say.destroy();
      repaint.disconnect();
      document.removeEventListener("visibilitychange", pieces.look);
    },
  };
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".gs-explore");
  root.gsExplorer ??= makeExplorer(root);
  root.gsExplorer.update(data, (name, value) => setTriggerValue(name, value));
  return () => {
    root.gsExplorer?.destroy();
    delete root.gsExplorer;
  };
}
