// The pad: a plane through the latent space to drag over, by pointer, finger or arrow keys; it can also wander by itself.

const CELLS = 7; // images along each side of the map, and in each strip
const STEP = 0.1; // standard deviations that an arrow key moves
const LEAP = 0.5; // with Shift
const FIRST_TO_LAST = (REACH * (CELLS - 1)) / CELLS; // where the first and the last moment lie: in the middle of the map's outer rows
const RAW_MS = 8; // between two moves that are followed before a frame is due
const WANDER = 0.7; // standard deviations a second
const STRIDE = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

const nodeOf = (cell) => REACH * ((2 * (cell + 0.5)) / CELLS - 1);

// `goTime(share)` moves through the moments where the vertical axis is time; `timeAt()` is where one stands there, null where it is not.
function makePad({ root, place, goTime, timeAt, stepTime, onDrift }) {
  const ground = root.querySelector(".ex-ground");
  const handle = ground.querySelector(".ex-handle");
  const lines = [...ground.querySelectorAll(".ex-line")];
  let words = {};
  let formats = {};
  let dragging = false;
  let drift = 0; // the frame that is asked for; 0 while it stands
  let heading = 0.6;
  let before = 0;
  let still = 0;
  let last = null; // the move that was followed last
  let box = null; // where the ground is, while one drags

  const label = makeCalm(() => words.pad && ground.setAttribute("aria-label", filled(words.pad, { x: formats.two.format(place.at[0]), y: formats.two.format(vertical()) })), 250);
  const vertical = () => (timeAt() === null ? place.at[1] : FIRST_TO_LAST * (2 * timeAt() - 1));

  function show() {
    const [x, y] = [place.at[0], vertical()];
    const share = (value) => `${(50 + (50 * within(value)) / REACH).toFixed(2)}%`;
    handle.style.transform = `translate(${share(x)}, ${share(-y)})`;
    lines[0].style.transform = `translateX(${share(x)})`;
    lines[1].style.transform = `translateY(${share(-y)})`;
    label();
  }

  function go(x, y) {
    const time = timeAt() !== null;
    if (time) goTime((within(y, FIRST_TO_LAST) / FIRST_TO_LAST + 1) / 2);
    place.goPad(time ? [x, place.at[1]] : [x, y]);
  }

  function follow(event) {
    last = event;
    box ??= ground.getBoundingClientRect(); // asked for at each move it would lay out the page at each move
    const along = (share) => REACH * (2 * Math.max(0, Math.min(1, share)) - 1);
    go(along((event.clientX - box.x) / box.width), -along((event.clientY - box.y) / box.height));
  }

  function settleSoon() {
    clearTimeout(still);
    still = setTimeout(place.settle, 350);
  }

  ground.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    halt();
    [dragging, box] = [true, null];
    ground.setPointerCapture(event.pointerId);
    ground.dataset.held = "true";
    follow(event);
  });
  // A move as it comes, and not only before the next frame; of a mouse that tells a thousand a second those that can be seen.
  function drag(event) {
    if (!dragging || (event.clientX === last.clientX && event.clientY === last.clientY)) return;
    if (event.type === "pointerrawupdate" && event.timeStamp < last.timeStamp + RAW_MS) return; // pointermove brings the newest of them
    follow(event);
  }
  for (const name of ["pointerrawupdate", "pointermove"]) ground.addEventListener(name, drag);
  const release = () => {
    if (!dragging) return;
    dragging = false;
    ground.dataset.held = "false";
    place.settle();
  };
  const moved = () => (box = null);
  for (const name of ["scroll", "resize"]) window.addEventListener(name, moved, { capture: true, passive: true });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) ground.addEventListener(name, release);

  ground.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const stride = STRIDE[event.key];
    if (!stride && event.key !== "Home") return;
    event.preventDefault();
    halt();
    const by = event.shiftKey ? LEAP : STEP;
    if (!stride) go(0, timeAt() === null ? 0 : vertical());
    else if (stride[1] && timeAt() !== null) stepTime(stride[1] * (event.shiftKey ? 5 : 1));
    else place.goPad(place.at.map((value, k) => value + by * stride[k]));
    settleSoon();
  });

  // A walk whose direction turns a little all the time, and that comes back from the edge.
  function wander(now) {
    const passed = Math.max(0, Math.min(0.1, (now - before) / 1000)); // a frame may be older than the click
    before = now;
    heading += (Math.random() - 0.5) * 5 * Math.sqrt(passed);
    const length = WANDER * passed;
    const next = [place.at[0] + length * Math.cos(heading), place.at[1] + length * Math.sin(heading)];
    if (Math.abs(next[0]) > 0.93 * REACH) heading = Math.PI - heading;
    if (Math.abs(next[1]) > 0.93 * REACH) heading = -heading;
    place.goPad([next[0], timeAt() === null ? next[1] : place.at[1]]);
    drift = requestAnimationFrame(wander);
  }

  function halt() {
    if (!drift) return;
    cancelAnimationFrame(drift);
    drift = 0;
    onDrift(false);
    place.settle();
  }

  function toggleDrift() {
    if (drift) return halt();
    before = performance.now();
    drift = requestAnimationFrame(wander);
    return onDrift(true);
  }

  return {
    show,
    halt,
    toggleDrift,
    get moving() {
      return dragging || drift > 0;
    },
    setWords(nextWords, nextFormats) {
      [words, formats] = [nextWords, nextFormats];
      show();
    },
    destroy() {
      if (drift) cancelAnimationFrame(drift);
      clearTimeout(still);
      for (const name of ["scroll", "resize"]) window.removeEventListener(name, moved, { capture: true });
    },
  };
}

// What lies under the pad's plane and along its two axes, as asks: a map of the whole plane, and a strip through the present point.
function planeOf(place) {
  const nodes = Array.from({ length: CELLS }, (_, cell) => nodeOf(cell));
  const given = (points) => stacked(points.map((point) => place.given(place.placed(point))));
  return {
    map: () => given(nodes.flatMap((_, row) => nodes.map((x) => [x, nodes[CELLS - 1 - row]]))),
    row: (y = place.at[1]) => given(nodes.map((x) => [x, y])),
    column: (x = place.at[0]) => given(nodes.map((_, row) => [x, nodes[CELLS - 1 - row]])),
  };
}
