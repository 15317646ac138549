// One image closer: a panel that follows the live run or the timeline, opened by a click on a fake or by its keys.

const ARROWS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -ACROSS, ArrowDown: ACROSS };

function makeCloser({ root, canvas, verdictsOf, shownStep, zOf, send, onOpen, say }) {
  const panel = root.querySelector(".gs-closer");
  const part = Object.fromEntries([...panel.querySelectorAll("[data-closer]")].map((element) => [element.dataset.closer, element]));
  const ring = root.querySelector(".gs-ring");
  let tile = 0;
  let open = false;
  let usable = false; // images only: a point has no inside
  let words = {};
  let formats = {};
  let verdict = {}; // { words, equilibrium, range }: the axis D's verdict is read on
  let colours = {};
  let seen = { sheet: null, verdict: null }; // of the picture that is shown
  let drawnTrack = "";

  const number = () => formats.whole?.format(tile + 1);
  const said = (value) => (value == null ? "–" : formats.value.format(value));

  function placeRing() {
    const [column, row] = [tile % ACROSS, Math.floor(tile / ACROSS)];
    Object.assign(ring.style, { left: `${(100 / ACROSS) * column}%`, top: `${(100 / ACROSS) * row}%` });
  }

  function label() {
    if (!usable || !words.tile) return;
    const value = seen.verdict ? said(seen.verdict[tile]) : "–";
    canvas.setAttribute("aria-label", filled(words.tile, { number: number(), value, verdict: verdict.words ?? "" }));
  }

  function choose(next) {
    tile = Math.max(0, Math.min(ACROSS * ACROSS - 1, next));
    placeRing();
    label();
    if (open) draw();
  }

  function draw() {
    part.name.textContent = filled(words.image, { number: number() });
    if (seen.sheet) paintTile(part.picture, seen.sheet(), tile);
    part.verdict.textContent = seen.verdict ? said(seen.verdict[tile]) : "–";
    drawTrack();
    drawZ();
  }

  // The verdict over the kept moments that have been seen, with the value at which D cannot tell, and where one stands.
  function drawTrack() {
    const track = verdictsOf(tile);
    const now = shownStep();
    const signature = [tile, track.length, now, seen.verdict?.[tile]].join();
    if (signature === drawnTrack) return;
    drawnTrack = signature;
    const balance = verdict.equilibrium;
    const values = track.map(([, value]) => value);
    const seenValues = balance == null ? values : [balance, ...values]; // a game may have no such value
    const [low, high] = verdict.range ?? [Math.min(...seenValues), Math.max(...seenValues)];
    const end = Math.max(1, now ?? 0, ...track.map(([step]) => step));
    const y = (value) => 2 + 36 * (1 - (value - low) / (high - low || 1));
    const x = (step) => (100 * step) / end;
    const d = track.map(([step, value], i) => `${i ? "L" : "M"}${x(step).toFixed(2)},${y(value).toFixed(2)}`).join("");
    const [line, base, cursor] = part.track.children;
    line.setAttribute("d", d);
    base.setAttribute("d", balance == null ? "" : `M0,${y(balance).toFixed(2)}H100`);
    cursor.setAttribute("d", now === null ? "" : `M${x(now).toFixed(2)},0V40`);
  }

  function drawZ() {
    const z = zOf(tile);
    const canvasZ = part.z;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(canvasZ.clientWidth * ratio), Math.round(canvasZ.clientHeight * ratio)];
    const name = `${tile} ${width} ${height} ${colours.generator}`;
    if (!z || !width || canvasZ.dataset.drawn === name) return;
    Object.assign(canvasZ, { width, height });
    canvasZ.dataset.drawn = name;
    const pen = canvasZ.getContext("2d");
    const bar = width / z.length;
    pen.fillStyle = colours.grid;
    pen.fillRect(0, Math.round(height / 2), width, 1);
    pen.fillStyle = colours.generator;
    z.forEach((value, i) => {
      const length = (Math.max(-3, Math.min(3, value)) / 3) * (height / 2);
      pen.fillRect(i * bar, height / 2 - Math.max(0, length), Math.max(0.8, bar - (bar > 3 ? 1 : 0)), Math.abs(length));
    });
    const text = filled(words.z_alt, { count: formats.whole.format(z.length) });
    canvasZ.setAttribute("aria-label", text);
    part.zname.textContent = text;
  }

  function show(next) {
    open = true;
    panel.hidden = false;
    root.dataset.closer = "open";
    choose(next);
    onOpen();
    // A sheet at the bottom of a small window must not lie over the very image it shows; on a desk its buttons are to be seen too.
    const sheet = getComputedStyle(panel).position === "sticky";
    const covers = panel.getBoundingClientRect().top < canvas.getBoundingClientRect().bottom;
    if (!sheet) part.keep.scrollIntoView({ block: "nearest" });
    else if (covers) canvas.closest("figure").scrollIntoView({ block: "start" });
  }

  function close() {
    if (!open) return false;
    open = false;
    if (panel.contains(document.activeElement)) canvas.focus();
    panel.hidden = true;
    root.dataset.closer = "";
    return true;
  }

  canvas.addEventListener("click", (event) => {
    if (!usable || !seen.sheet) return;
    const box = canvas.getBoundingClientRect();
    const at = (share) => Math.min(ACROSS - 1, Math.max(0, Math.floor(share * ACROSS)));
    show(at((event.clientY - box.y) / box.height) * ACROSS + at((event.clientX - box.x) / box.width));
  });
  canvas.addEventListener("keydown", (event) => {
    if (!usable || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) choose(tile + ARROWS[event.key]);
    else if (event.key === "Enter" && seen.sheet) show(tile);
    else return;
    event.preventDefault();
  });
  part.close.onclick = close;
  part.copy.onclick = () => copyText(JSON.stringify(Array.from(zOf(tile) ?? [], (value) => Number(value.toPrecision(9))))).then(() => say(words.copied));
  for (const [button, name] of [["keep", "favourite"], ["explore", "explore"]]) {
    part[button].onclick = () => shownStep() !== null && send({ name, step: shownStep(), index: tile });
  }

  return {
    close,
    follow: () => open && drawTrack(), // more of its course is known
    // Called with each picture that is drawn; `sheet` is asked for only where somebody looks.
    take(sheet, verdicts) {
      seen = { sheet, verdict: verdicts };
      if (open) draw();
      if (document.activeElement === canvas) label();
    },
    setWords(nextWords, nextFormats, nextVerdict, nextColours, isImage) {
      [words, formats, verdict, colours, usable] = [nextWords, nextFormats, nextVerdict, nextColours, isImage];
      part.close.setAttribute("aria-label", words.close);
      part.words.textContent = verdict.words ?? "";
      part.balance.textContent = verdict.equilibrium == null ? "" : filled(words.balance, { value: said(verdict.equilibrium) });
      for (const [name, text] of [["copy", words.copy_z], ["keep", words.keep], ["explore", words.explore]]) part[name].textContent = text;
      canvas.tabIndex = usable ? 0 : -1;
      canvas.setAttribute("role", usable ? "application" : "img");
      drawnTrack = part.z.dataset.drawn = "";
      if (usable) label();
      else close();
      if (open) draw();
    },
  };
}
