// A walk through latent space: keys in, pictures back over the latent socket, once; then everything is scrubbed here. Streamlit calls the
// default export again after each rerun; the view lives on the root element, so that socket, pictures and player stay as they are.

const TELL_MS = 350; // after a change, until the page is told: it then writes the link
const CALM_MS = 120; // after a change, until the server is asked for what takes it longer
const WAYS = ["lerp", "slerp"];

function makeWalk(root) {
  const find = (selector) => root.querySelector(selector);
  const drawn = new Map(); // key -> its picture
  let [data, words, formats, tell] = [{}, {}, {}, () => {}];
  let view = null;
  let [renewals, told] = [0, ""]; // how often everything was wanted anew; what the page knows

  const asks = makeWalkAsks({ context: () => ({ whose: { weights: view.weights, at: view.at }, renewals, classes: kinds.state }), drawAgain: () => draw() });
  const { say, trouble } = makeNotices(root, asks);
  const kinds = makeKinds();
  const line = makeLine({ root, onAnswer: take, onNews: news, trouble, wordsNow: () => words, renew: () => tell("renew") });
  const reels = Object.fromEntries(WAYS.map((way) => [way, makeReel({ root, way, onScrub: (share) => player.seekShare(share) })]));
  const player = makePlayer({ root, onFrame: showFrame });
  const cards = makeCards({ list: find(".gs-cards"), kinds, act: { move, remove, ask, show: (index) => player.seekKey(index) } });
  const adding = makeAdding({ root, add, say, onOpen: draw, kinds });
  const choices = makeChoices({ root, change });
  const corners = makeCorners({ root, onChange: draw, add, kinds });
  const sums = makeSums({ root, onChange: draw, add, kinds });
  const resized = new ResizeObserver(paint);

  const shownWays = () => (view.how === "both" ? WAYS : [view.how]);
  const usual = () => Math.sqrt(data.latent_dim);
  const zOf = (key) => zOfKey(key, { dim: data.latent_dim, shown: data.shown, noise: data.noise });

  // Changes

  function change(changes) {
    view = { ...view, ...changes };
    if ("at" in changes || "weights" in changes) news(null);
    show();
    draw();
    asks.later("tell", TELL_MS, tellPage);
  }

  function add(key) {
    const most = data.limits.keys[1];
    const room = view.keys.length < most;
    if (room) change({ keys: [...view.keys, key] });
    say(room ? filled(words.added, { number: view.keys.length }) : filled(words.full, { most }));
    return room;
  }

  function move(from, to) {
    change({ keys: movedKeys(view.keys, from, to) });
    say(filled(words.moved, { from: from + 1, to: to + 1 }));
  }

  function remove(index) {
    change({ keys: view.keys.filter((_, i) => i !== index) });
    say(filled(words.removed, { number: index + 1, count: view.keys.length }));
  }

  // Key `index`, asked to be of another kind.
  function ask(index, kind) {
    change({ keys: view.keys.with(index, kinds.put(view.keys[index], kind)) });
  }

  function tellPage() {
    const link = linkTexts(view, data.usual);
    if (JSON.stringify(link) === told) return;
    told = JSON.stringify(link);
    tell("view", JSON.stringify({ link, z: view.keys.map((key) => Array.from(zOf(key))) }));
  }

  async function copyLink() {
    const url = new URL(window.location.href);
    const lang = url.searchParams.get("lang");
    url.search = new URLSearchParams({ run: data.run, ...linkTexts(view, data.usual), ...(lang ? { lang } : {}) });
    await copyText(url.href);
    say(words.copied);
  }

  // Asking, and what comes back

  function draw() {
    const [zs, of, keys, { frames, closed, ease }] = [view.keys.map(zOf), view.keys.map(kinds.of), view.keys.join(), view];
    const drawing = (each) => ({ ask: "draw", verdict: false, labels: kinds.labels(each) });
    if (zs.length) asks.want("keys", keys, { header: drawing(of), rows: zs, note: view.keys });
    for (const [lane, list] of Object.entries(adding.wishes)) asks.want(lane, list.join(), { header: drawing(list.map(kinds.of)), rows: list.map(zOf) });
    if (zs.length < 2) return clearReels();
    for (const how of shownWays()) {
      const header = { ask: "path", how, frames, closed, ease, labels: kinds.labels(of) };
      asks.want(how, [keys, frames, closed, ease], { header, rows: zs, note: view.keys, calm: CALM_MS });
    }
    for (const [lane, wish] of Object.entries({ corners: corners.wish(zs, of), sum: sums.wish(zs, of, formats) })) {
      if (wish) asks.want(lane, [keys, wish.signature], { header: drawing(wish.blends), rows: wish.rows, calm: CALM_MS });
    }
    sums.paintKeys(view.keys, drawn);
    return markBusy();
  }

  function clearReels() {
    for (const way of WAYS) {
      asks.drop(way);
      reels[way].clear();
    }
    root.dataset.drawn = "";
    player.setWalk(0, 1, false);
  }

  const markBusy = () => root.setAttribute("aria-busy", String(line.busy()));

  function take(answer, { id, lane }) {
    const note = asks.noteOf(id);
    if (answer.trouble) return takeTrouble(answer.trouble, lane);
    trouble("");
    if (kinds.unnamed && !renewals) tell("renew", Boolean((renewals += 1))); // now that it draws they have names
    if (lane === "keys") takeKeys(answer.pictures, note);
    else if (WAYS.includes(lane)) takeWay(lane, answer, note);
    else if (lane === "corners") corners.take(answer.pictures);
    else if (lane === "sum") sums.take(answer.pictures);
    else adding.paint(lane, answer.pictures);
    return markBusy();
  }

  function takeKeys(pictures, keys) {
    keys.forEach((key, i) => drawn.set(key, pictureOf(pictures, i)));
    for (const key of drawn.keys()) if (!view.keys.includes(key)) drawn.delete(key);
    cards.setPictures(drawn);
    sums.paintKeys(view.keys, drawn);
  }

  function takeWay(way, answer, keys) {
    if (view.keys.length < 2) return;
    reels[way].take(answer, keys.join());
    const ways = shownWays();
    if (ways.some((name) => reels[name].step === null)) return;
    player.setWalk(reels[ways[0]].count, keys.length, view.closed);
    paint();
    root.dataset.drawn = ways.map((name) => `${name}:${reels[name].count}:${reels[name].step}`).join(" ");
    root.dataset.walked = ways.every((name) => reels[name].keys === keys.join()) ? keys.join() : "";
  }

  function takeTrouble(code, lane) {
    trouble(words[code] ?? code);
    if (code === "no_moment") return change({ at: null });
    return code === "busy" || code === "no_weights" ? asks.again(lane) : markBusy();
  }

  // `step`: of newer weights than those on screen; null: there are none.
  function news(step) {
    const here = view && reels[shownWays()[0]].step;
    const bar = find(".gs-news");
    bar.hidden = step === null || here === null || step <= here || view.at !== null;
    if (!bar.hidden) bar.firstElementChild.textContent = filled(words.news, { step: formats.whole.format(here), news: formats.whole.format(step) });
  }

  function again() {
    renewals += 1;
    news(null);
    draw();
  }

  // Showing

  function showFrame(frame, count, still) {
    for (const way of view ? shownWays() : []) {
      const label = still && words.frame_alt ? filled(words.frame_alt, { way: words[`${way}_title`], frame: frame + 1, count }) : null;
      reels[way].seek(frame, count, label);
    }
  }

  function paint() {
    if (!view || document.hidden) return;
    for (const part of [cards, corners, sums]) part.paint();
    sums.paintKeys(view.keys, drawn);
    const highest = Math.max(...WAYS.map((way) => reels[way].high));
    for (const way of shownWays()) reels[way].paint({ words, formats, usual: usual(), highest });
  }

  function show() {
    const { keys } = view;
    cards.show(keys, words);
    adding.show({ dim: data.latent_dim, noise: data.noise, favourites: data.favourites, kind: kinds.of(keys.at(-1) ?? "s0") }, words);
    choices.show(view, data, words, formats);
    corners.show(keys.length, data.latent_dim, words);
    sums.show(keys.length, words);
    const [least, most] = data.limits.keys;
    find("[data-slot=count]").textContent = filled(words.keys_count, { count: keys.length, most });
    find(".gs-few").hidden = keys.length >= least;
    for (const way of WAYS) reels[way].setShown(shownWays().includes(way));
    for (const part of root.querySelectorAll("[data-told]")) part.hidden = !kinds.told;
    Object.assign(root.dataset, { how: view.how, keys: keys.join() });
    paint();
  }

  // Another run, or another life of it: nothing that was drawn is its own.
  function forget() {
    asks.forget();
    drawn.clear();
    WAYS.forEach((way) => reels[way].clear());
    root.dataset.drawn = "";
    news(null);
  }

  function update(next, send) {
    const before = data;
    const changed = (name) => JSON.stringify(before[name]) !== JSON.stringify(next[name]);
    const fresh = Object.fromEntries(["words", "palette", "asked", "latent_dim", "url"].map((name) => [name, changed(name)]));
    data = { ...next, shown: new Float32Array(bytesOf(next.shown).buffer) };
    [words, tell, root.dataset.run] = [data.words, send, data.run];
    kinds.update(data);
    if (fresh.words || fresh.latent_dim) {
      formats = makeWalkFormats(words.locale);
      showWalkWords(root, words, { usual: formats.one.format(usual()), most: data.limits.keys[1] });
    }
    dressWalk(root, data.palette, fresh.palette);
    if (fresh.url) forget();
    if (fresh.asked) [view, told] = [viewOfLink(data.link, data.usual), ""];
    asks.aim(line.connect(data));
    show();
    if (fresh.words) player.setWords(words);
    draw();
    if (data.known !== view.keys.join() && !asks.waits("tell")) asks.later("tell", 0, tellPage);
  }

  const acts = { again, shuffle: () => change({ keys: shuffledKeys(view.keys) }), copy: copyLink };
  for (const [name, onclick] of Object.entries(acts)) find(`[data-do=${name}]`).onclick = onclick;
  document.addEventListener("visibilitychange", paint);
  resized.observe(root);

  return {
    update,
    destroy() {
      line.destroy();
      asks.destroy();
      player.destroy();
      resized.disconnect();
      document.removeEventListener("visibilitychange", paint);
    },
  };
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".gs-walk");
  root.gsWalk ??= makeWalk(root);
  root.gsWalk.update(data, (name, value = true) => setTriggerValue(name, value));
  return () => {
    root.gsWalk?.destroy();
    delete root.gsWalk;
  };
}
