// What a view needs of its surroundings: the socket it hears, what it remembers of the reader, the theme it stands in.

const ENDED = ["stopped", "finished", "failed", "interrupted"]; // states of a run that says no more
const RETRY_MS = [500, 8000];
const PREFERENCES = "ganscope.run_view";

// Hears no more of a socket. One that is still on its way is closed when it has arrived: a browser warns of one that is closed before.
function hangUp(socket) {
  if (!socket) return;
  socket.onclose = socket.onmessage = null;
  socket.onopen = () => socket.close();
  if (socket.readyState !== WebSocket.CONNECTING) socket.close();
}

// A socket that comes back by itself, unless it was closed for good: 1000 all is said, 4401 ticket, 4403 refused, 4404 no such run.
function makeSocket({ onFrame, onLink, onExpired }) {
  let socket = null;
  let address = null;
  let wait = RETRY_MS[0];
  let timer = 0;
  function drop() {
    clearTimeout(timer);
    timer = 0;
    hangUp(socket);
    socket = null;
  }
  function open() {
    drop();
    const { url, token } = address;
    const target = new URL(url, document.baseURI);
    target.protocol = target.protocol.replace("http", "ws");
    target.searchParams.set("ticket", token);
    socket = new WebSocket(target);
    socket.binaryType = "arraybuffer";
    let heard = false;
    socket.onmessage = ({ data }) => {
      if (!heard) onLink("open");
      heard = true;
      wait = RETRY_MS[0];
      onFrame(decodeFrame(data));
    };
    socket.onclose = ({ code }) => {
      socket = null;
      if (code === 1000) return onLink("done");
      if (code === 4401) return onExpired();
      if (code === 4403 || code === 4404) return onLink("refused");
      onLink("lost");
      timer = setTimeout(open, wait);
      wait = Math.min(2 * wait, RETRY_MS[1]);
    };
  }
  return {
    aim: (next) => (address = next),
    open,
    close: drop,
    get idle() {
      return !socket && !timer;
    },
  };
}

// A page that shows something else than the run is in (null: it does not) is told so, once per change: the rerun brings it up to date.
function makeAsker(tell) {
  const told = {};
  return (name, other) => {
    const before = told[name] ?? null;
    told[name] = other;
    if (other !== null && other !== before) tell(name, other);
  };
}

// The knobs that stand otherwise than where the page's figure was drawn, in one word; null where none does.
function turned(drawnFor, knobs) {
  const others = Object.keys(drawnFor).filter((name) => name in knobs && knobs[name] !== drawnFor[name]);
  return others.length ? others.map((name) => `${name} ${knobs[name]}`).join() : null;
}

function loadPreferences() {
  try {
    return { weights: "averaged", smoothing: 0.8, log: false, ...JSON.parse(localStorage.getItem(PREFERENCES)) };
  } catch {
    return { weights: "averaged", smoothing: 0.8, log: false };
  }
}

function savePreferences(preferences) {
  try {
    localStorage.setItem(PREFERENCES, JSON.stringify(preferences));
  } catch {
    // A browser that keeps nothing forgets a switch: no reason to stop.
  }
}

function isDark(root) {
  const probe = newCanvas(1, 1).getContext("2d");
  probe.fillStyle = getComputedStyle(root).getPropertyValue("--st-background-color").trim() || "#fff";
  probe.fillRect(0, 0, 1, 1);
  const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
  return 0.3 * red + 0.6 * green + 0.1 * blue < 128;
}
