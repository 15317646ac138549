// The live view of one run: a socket in, numbers, pictures and curves out. Streamlit calls the default export again after each
// rerun; the view lives on the root element, so that socket, zoom and curves stay as they are.

function makeView(root) {
  const find = (selector) => root.querySelector(selector);
  const preferences = loadPreferences();
  let data = {};
  let words = {};
  let colours = {};
  let tell = () => {};
  let latest = {}; // the newest samples, reals and state of this run
  let [link, renewed] = ["opening", false];
  let formats = {};
  let commands = 0;
  const [numbers, scores] = [makeNumbers(root), makeScores(root)];
  const compare = makeAsker((name, value) => tell(name, value));
  const pictures = makePictures({ root, write: numbers.write, mark, onPainted: (...facts) => closer.take(...facts) });
  const classes = makeClasses({ root, ask: (label) => send({ name: "class", label }) });
  const say = makeSay(root);
  const overlay = makeOverlay({ host: find(".gs-over"), scaleOf: () => chart.scale() });
  const onZoom = (on) => (find("[data-tool=reset]").disabled = !on);
  const onScale = () => (overlay.place(), coach.place());
  const chart = makeChart({ host: find(".gs-plot"), tail: find(".gs-tail"), onZoom, onDraw: calmly(() => (showNumbers(), formula.show())), onScale });
  const socket = makeSocket({ onFrame: takeFrame, onLink: setLink, onExpired: renew });
  const moments = makeMoments({ onList: () => timeline.listChanged(), onLoad: (...came) => (momentCame(...came), closer.follow()), onExpired: () => tell("renew") });
  const timeline = makeTimeline({
    root,
    moments,
    weightsNow: () => preferences.weights,
    placeOf: (step) => moments.facts(step)?.place ?? chart.at(step)?.place,
    isLive: () => link === "open" && state() === "running",
    onShow: (step) => (showMoment(step), formula.show()),
  });
  const shownNow = () => ({ now: timeline.step === null, label: timeline.step === null ? latest.samples?.label ?? -1 : -1 });
  const closer = makeCloser({
    root,
    canvas: pictures.fakes,
    verdictsOf: (tile) => moments.verdicts(preferences.weights, tile),
    shownStep: () => timeline.step ?? latest.samples?.step ?? null,
    zOf: (tile) => latest.z && latest.z.values.subarray(tile * latest.z.shape[1], (tile + 1) * latest.z.shape[1]),
    send: (command) => send({ ...command, weights: preferences.weights, ...shownNow() }),
    onOpen: () => moments.look(timeline.step, preferences.weights),
    say: say.notice,
  });
  const act = makeActions({ timeline, moments, closer, say, send, facts: () => ({ data, words, latest, state: state() }) });
  const keys = makeKeys({ root, act });
  const facts = () => ({ data, words, formats, step: timeline.step, state: state() });
  const coach = makeCoach({ root, host: find(".gs-over"), scaleOf: () => chart.scale(), facts, send });
  const shownFacts = () => ({ ...latest, ...chart.at(timeline.step ?? Infinity) });
  const formula = makeFormula({ host: find(".gs-formula"), onLight: chart.light, facts: shownFacts });
  const repaint = new ResizeObserver(paint);
  for (const canvas of [pictures.fakes, pictures.reals]) repaint.observe(canvas);

  const state = () => latest.state ?? data.state;

  // What tests and CSS read; an attribute written with its old value would still be a change to the browser.
  function mark(facts) {
    for (const [name, value] of Object.entries(facts)) if (root.dataset[name] !== String(value)) root.dataset[name] = value;
  }

  // Numbered, so that the same command given twice is two commands.
  function send(command) {
    commands += 1;
    tell("command", { ...command, n: commands });
  }

  function setLink(next) {
    link = next;
    mark({ connected: next === "open" });
    if (next === "open") renewed = false;
    if (next === "open" || next === "done") moments.refresh();
    showState();
  }

  // A ticket is good for a while; the page makes a new one at each rerun, so ask for one, and only once for each time it helped.
  function renew() {
    if (renewed) return setLink("refused");
    renewed = true;
    setLink("lost");
    tell("renew");
    setTimeout(() => socket.idle && link === "lost" && setLink("refused"), 5000);
  }

  function showState() {
    const away = link === "lost" && !ENDED.includes(state());
    mark({ state: state() ?? "", away });
    numbers.write("state", away ? words.reconnecting : words[`state_${state()}`] ?? state() ?? "");
    const message = link === "refused" ? words.refused : state() === "failed" ? words.failed : "";
    const line = find(".gs-message");
    if (line.textContent !== message) line.textContent = message;
    if (line.hidden !== !message) line.hidden = !message;
    coach.show();
    say.write("past", timeline.step === null ? "" : state() === "running" ? words.past_live : words.past);
  }

  const showNumbers = () => timeline.step === null && numbers.show(latest, formats);

  // The timeline has moved: everything shows that moment, or the newest again.
  function showMoment(step) {
    const at = step === null ? null : chart.at(step);
    mark({ moment: step ?? "" });
    overlay.setCursor(step);
    showHeadValues(find(".gs-heads"), at?.values, formats.value);
    numbers.show(step === null ? latest : { place: moments.facts(step)?.place ?? at?.place ?? { step }, rates: at?.rates ?? {} }, formats);
    showState();
    paintFakes();
  }

  function momentCame(weights, steps) {
    if (weights !== preferences.weights || !steps.has(timeline.step)) return;
    moments.look(timeline.step, weights);
    showMoment(timeline.step);
    timeline.render();
  }

  function takeFrame(frame) {
    if (frame.run !== data.run) return;
    const { state: now, message, place, rates, played, knobs } = frame;
    Object.assign(latest, { state: now, message, place, rates, played, knobs });
    if (place) mark({ step: place.step, epoch: place.epoch });
    numbers.showPreparing(frame.preparing, words, formats);
    if (frame.rows) mark({ rows: chart.add(frame.rows) });
    chart.schedule();
    for (const name of ["reals", "z", "classes", "labels", "samples"]) if (frame[name]) latest[name] = frame[name];
    if (frame.samples?.label === -1) moments.note(frame.samples);
    if (frame.reals) paint();
    else if (frame.samples) paintFakes();
    if (frame.marks) overlay.setMarks(frame.marks);
    if (frame.scores) scores.take(frame.scores);
    if (frame.coach) coach.hear(frame.coach);
    say.write("played", playedText(played, words, formats));
    showState();
    compare("state", frame.state === data.state ? null : frame.state);
    compare("knobs", turned(data.drawn_for, frame.knobs));
  }

  function paintFakes() {
    const [{ samples, reals }, { weights }, past] = [latest, preferences, timeline.step !== null];
    const step = past ? timeline.step : samples?.step;
    const picture = past ? moments.picture(step, weights) : samples?.[weights];
    const verdicts = past ? moments.facts(step)?.[weights] : samples?.verdicts?.[weights];
    const text = step === undefined ? "" : filled(words.at_step, { step: formats.whole.format(step) });
    pictures.paintFakes({ kind: data.kind, picture, verdicts, step, text, real: reals, colours });
    const mayAsk = data.may_control && !ENDED.includes(state());
    classes.show(data.kind === "image" ? latest : {}, { chosen: samples?.label ?? -1, past, mayAsk, words });
  }

  function paint() {
    pictures.paintReals(data.kind, latest.reals);
    paintFakes();
  }

  function choose(change) {
    Object.assign(preferences, change);
    savePreferences(preferences);
    showChoices(root, preferences, formats);
    if (!("weights" in change)) return chart.setSettings(change);
    if (timeline.step !== null) timeline.seek(timeline.step);
    paint();
  }

  function showWords() {
    formats = makeFormats(words.locale);
    showAllWords(root, { words, kind: data.kind, pictures });
    showChoices(root, preferences, formats);
    for (const piece of [timeline, keys, scores, formula]) piece.setWords(words, formats, data);
    overlay.setWords(words, formats, data.knobs, data.began);
    say.write("hint", data.may_control ? words.hint : words.hint_watch);
  }

  function startOver() {
    latest = {};
    for (const name of ["state", "knobs"]) compare(name, null);
    [renewed, link] = [false, "opening"];
    moments.clear();
    if (timeline.step !== null) timeline.seek(null);
    closer.close();
    overlay.setMarks([]);
    say.write("played", "");
    for (const piece of [chart, coach, numbers, scores, formula]) piece.clear();
    mark({ step: 0, epoch: 0, rows: 0 });
  }

  find(".gs-switch").onclick = ({ target }) => target.dataset.weights && choose({ weights: target.dataset.weights });
  find(".gs-tools input").oninput = ({ target }) => choose({ smoothing: Number(target.value) });
  find("[data-tool=log]").onclick = () => choose({ log: !preferences.log });
  find("[data-tool=reset]").onclick = () => chart.resetZoom();
  for (const [part, name] of [["fork", "fork"], ["leave", "projector"]]) find(`[data-time=${part}]`).onclick = () => act(name);
  document.addEventListener("visibilitychange", paint);
  chart.setSettings(preferences);

  function update(next, sender) {
    const before = data;
    const changed = (...names) => names.some((name) => JSON.stringify(before[name]) !== JSON.stringify(next[name]));
    data = next;
    words = data.words;
    tell = sender;
    mark({ kind: data.kind, projector: projection(data.projector) });
    const newRun = changed("run");
    const newWords = changed("words", "kind", "knobs", "began", "metrics", "formula", "may_control");
    if (newWords) showWords();
    socket.aim(data);
    moments.aim(data);
    if (newRun) startOver();
    else if (changed("url")) moments.clear(); // a new life of the run writes its later moments anew
    const mode = isDark(root) ? "dark" : "light";
    const newLook = root.dataset.mode !== mode || changed("palette");
    if (newLook) {
      mark({ mode });
      colours = data.palette[mode];
      for (const [name, colour] of Object.entries(colours)) root.style.setProperty(`--gs-${name}`, colour);
      chart.setColours(colours);
    }
    if (newWords || newLook || changed("verdict")) closer.setWords(words, formats, data.verdict, colours, data.kind === "image");
    if (changed("figure", "projector")) {
      const figure = root.dataset.projector === "true" ? magnified(data.figure) : data.figure;
      showHeads(find(".gs-heads"), figure);
      chart.setFigure(figure, data.plotly);
      if (timeline.step !== null) showMoment(timeline.step);
    }
    if (changed("state")) compare("state", null);
    // An ended run's socket has said all and stays closed, until the page says that the run goes on.
    const goesOn = changed("state") && link === "done" && !ENDED.includes(data.state);
    const retry = changed("token") && socket.idle && link !== "done";
    if (newRun || goesOn || retry) socket.open();
    if (newRun || newWords || newLook) paint();
    showState();
  }

  return {
    update,
    destroy() {
      for (const piece of [timeline, keys, say, chart]) piece.destroy();
      socket.close();
      moments.clear();
      repaint.disconnect();
      document.removeEventListener("visibilitychange", paint);
    },
  };
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".gs-view");
  root.gsView ??= makeView(root);
  root.gsView.update(data, (name, value = true) => setTriggerValue(name, value));
  return () => {
    root.gsView?.destroy();
    delete root.gsView;
  };
}
