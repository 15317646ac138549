// The Explore page's view: one place in the latent space, and everything that can be seen from it. Streamlit calls the default export
// again after each rerun; the view lives on the root element, so that socket, place and pictures stay as they are.

const FAILED = { 4401: "refused", 4403: "refused", 4404: "gone", 4400: "misread" };

function makeExplorer(root) {
  const find = (selector) => root.querySelector(selector);
  let data = {};
  let words = {};
  let formats = {};
  let colours = {};
  let tell = () => {};
  let weights = "averaged";
  let axes = { x: axisOf("principal-1"), y: axisOf("principal-2") };
  let renewed = false;
  let calm = 0;

  const place = makePlace({ onMove: moved });
  const latent = makeLatent({ url: "", token: "", onAnswer: take, onLink: setLink, onNews: news, onRefused: refused });
  const pieces = makePieces();
  const sight = makeSight(pieces.look);
  const say = makeSaid(root);
  const directions = makeDirections({ ask: (lane, header, note) => latent.ask(lane, { ...look(), ...header }, null, null, note), onCome: reaxis });
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
  const rail = makeRail({ root, place, directions, onKind: reaxis });
  const wall = makeWall({ root, place });
  const verdict = makeVerdict(root);
  const critic = makeCritic({ root, place, said: verdict.said });
  const near = makeNear({ root });
  const keep = makeKeep({ root, place, send: (command) => report.command(command) });
  const menus = makeAxisMenus({ root, onChoose: chooseAxis, most: directions.most, hasTime: () => time.steps.length > 0 });
  const tabs = makeTabs({ root, onOpen: pieces.look });
  const report = makeReport({ tell: (...what) => tell(...what), linked });
  const image = makeImage({ root, verdict, near, keep });
  const map = makeTiles(find("[data-canvas=map]"), { across: CELLS, down: CELLS, gap: 0.03 });
  const under = makeTiles(find("[data-canvas=under]"), { across: CELLS });
  const beside = makeTiles(find("[data-canvas=beside]"), { across: 1, down: CELLS });
  const asks = makeExploreAsks({ place, pad, rail, wall, critic, near, time, latent, pieces, sight, root, look, isTime, paint: { image, map, under, beside } });
  const tools = bindExplorer({ root, place, pad, critic, wall, time, pieces, say, words: () => words, choose: chooseWeights, isTime, chooseAxis, image, linked });
  const repaint = new ResizeObserver(paintAgain);
  repaint.observe(root);
  for (const element of root.querySelectorAll("canvas, .ex-panel")) sight.watch(element);

  // Whose weights: every ask says so.
  function look() {
    return { weights, at: time.at };
  }

  function mark(facts) {
    for (const [name, value] of Object.entries(facts)) if (root.dataset[name] !== String(value)) root.dataset[name] = value;
  }

  function moved(settled) {
    pad.show();
    rail.show();
    tools.show();
    pieces.look();
    if (settled && !pad.moving) report.place();
  }

  // The view in words that fit a link; the page puts them there.
  function linked() {
    const facts = { run: data.run, asked: data.asked, x: axisText(axes.x), y: axisText(axes.y), psi: String(place.psi), weights, at: time.at === null ? "" : String(time.at) };
    return place.seed === null ? { ...facts, z: textOf(place.z) } : { ...facts, seed: String(place.seed) };
  }

  function reaxis() {
    const first = directions.vector(axes.x);
    const second = isTime() ? null : apart(directions.vector(axes.y), first);
    place.setAxes([first, second]);
    rail.refresh();
    moved(false);
  }

  function chooseAxis(name, axis) {
    axes = { ...axes, [name]: axis };
    const other = name === "x" ? "y" : "x";
    // One direction twice makes no plane: the other axis takes the next.
    if (axisText(axes.x) === axisText(axes.y)) axes[other] = { ...axis, number: axis.number < directions.most(axis.kind) ? axis.number + 1 : Math.max(1, axis.number - 1) };
    showAxes();
    reaxis();
    report.place();
  }

  function chooseWeights(next) {
    weights = next;
    lookChanged();
  }

  function showAxes() {
    menus.show(axes);
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
    if (isTime()) { // directions stay: the axis of time must not turn the other one
      pad.show();
      pieces.look();
      clearTimeout(calm);
      calm = setTimeout(report.place, 400);
    } else lookChanged();
  }

  function listed() {
    if (isTime() && !time.steps.length) chooseAxis("y", axisOf("principal-2"));
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
    return tell("renew", true);
  }

  function refused({ code, reason }) {
    mark({ connected: false });
    if (code === 4401) return renew();
    return say.message(filled(words[FAILED[code] ?? "refused"], { reason }));
  }

  function take(got, asked) {
    say.message("");
    if (got.trouble === "busy") return asked.note && asked.header.ask === "directions" ? directions.lost(asked.note) : pieces.later(asks.pieceOf(got.lane));
    if (asked.header.ask === "directions") return got.trouble ? trouble(got, asked) : directions.take(got, asked.note);
    if (got.trouble) return trouble(got, asked);
    say.clear(got.lane);
    asks.take(got, asked);
    return undefined;
  }

  function trouble(got, asked) {
    if (asked.header.ask === "directions") directions.lost(asked.note);
    if (got.trouble === "no_moment") {
      time.refresh();
      if (time.at !== null && !isTime()) time.choose(null);
    }
    say.trouble(got.lane, words[`trouble_${got.trouble}`] ?? words.trouble_other);
  }

  function paintAgain() {
    for (const tiles of [image, map, under, beside, rail, wall, critic, near, time]) tiles.again();
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
    image.clear();
    renewed = false;
    weights = start.weights;
    axes = { x: axisOf(start.x), y: axisOf(start.y) };
    report.begin();
    say.clear();
    time.begin(start, data);
    place.setAxes([null, null]);
    place.begin(start, data.dim);
    showAxes();
    lookChanged();
    latent.aim(data);
    latent.open();
  }

  function update(next, sender) {
    const before = data;
    const changed = (...names) => names.some((name) => JSON.stringify(before[name]) !== JSON.stringify(next[name]));
    const [newRun, newWords, newToken] = [changed("run", "asked"), changed("words", "dim", "verdict"), changed("token", "url")];
    const newKept = changed("favourites") || newWords;
    data = next;
    words = data.words;
    tell = sender;
    if (newWords) showWords();
    const mode = isDark(root) ? "dark" : "light";
    if (root.dataset.mode !== mode || changed("palette") || newWords) {
      mark({ mode });
      colours = data.palette[mode];
      for (const [name, colour] of Object.entries(colours)) root.style.setProperty(`--gs-${name}`, colour);
      critic.setWords(words, formats, colours);
    }
    if (newKept) keep.show(data.favourites, words);
    time.aim(data);
    latent.aim(data);
    if (newRun) begin();
    else if (newToken && latent.idle) latent.open();
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
