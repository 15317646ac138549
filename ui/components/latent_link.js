// The client of /live/latent: z out, pixels back, on lanes. A lane is one place on the screen (the pad's image, the wall, …): it has
// at most two asks on their way and keeps only the newest that waits, so that a drag never queues. Needs frames.js and link.js.

const LANE_FLIGHTS = 2;
const CROWDED = 32; // answers for which a lane has one ask on its way, after one was dropped: beside many others a second is only dropped
const ALIGNED = 8; // bytes: header and arrays begin at multiples of this

// One binary message: uint32 length of the header, header as JSON, padded, z behind it.
function encodeAsk(header, z, shape) {
  const place = z && { dtype: "float32", shape, offset: 0 };
  const text = new TextEncoder().encode(JSON.stringify(z ? { ...header, z: place } : header));
  const size = text.length + ((ALIGNED - ((4 + text.length) % ALIGNED)) % ALIGNED);
  const bytes = new Uint8Array(4 + size + (z ? z.byteLength : 0)).fill(32, 4);
  new DataView(bytes.buffer).setUint32(0, size, true);
  bytes.set(text, 4);
  if (z) bytes.set(new Uint8Array(z.buffer, z.byteOffset, z.byteLength), 4 + size);
  return bytes;
}

// The header of an answer, each array in it as {shape, values} over the message's own bytes.
function decodeAnswer(buffer) {
  const size = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
  for (const [name, value] of Object.entries(header)) {
    if (!value?.dtype) continue;
    const { dtype, shape, offset } = value;
    header[name] = { shape, values: new DTYPES[dtype](buffer, 4 + size + offset, shape.reduce((a, b) => a * b, 1)) };
  }
  return header;
}

// `onAnswer(answer, asked)`: asked is {id, lane, header, z, shape, note}; answer.trouble is a code where there is one. An answer that is
// older than one its lane has seen is left out. `onLink("open" | "lost")`, `onNews(step)`, and `onRefused({code, reason})` where the
// server closed for good: 4400 it could not read an ask, 4401 the ticket, 4403 not ours, 4404 no such run.
function makeLatent({ url, token, onAnswer, onLink = () => {}, onNews = () => {}, onRefused = () => {} }) {
  const lanes = new Map(); // name -> { flying: Map(id -> asked), waiting: asked | null, seen: id, alone: answers }
  let address = { url, token };
  let socket = null;
  let count = 0;
  let wait = RETRY_MS[0];
  let timer = 0;

  function lane(name) {
    if (!lanes.has(name)) lanes.set(name, { flying: new Map(), waiting: null, seen: 0, alone: 0 });
    return lanes.get(name);
  }

  function send(own) {
    if (!own.waiting || own.flying.size >= (own.alone ? 1 : LANE_FLIGHTS) || socket?.readyState !== WebSocket.OPEN) return;
    const asked = own.waiting;
    own.waiting = null;
    own.flying.set(asked.id, asked);
    socket.send(encodeAsk({ weights: "averaged", at: null, labels: null, ...asked.header, id: asked.id, lane: asked.lane }, asked.z, asked.shape));
  }

  function take(buffer) {
    wait = RETRY_MS[0];
    const answer = decodeAnswer(buffer);
    if (answer.news !== undefined) return onNews(answer.news);
    const own = lanes.get(answer.lane);
    const asked = own?.flying.get(answer.id);
    if (!asked) return undefined;
    own.flying.delete(answer.id);
    own.alone = answer.dropped ? CROWDED : Math.max(0, own.alone - 1);
    send(own);
    if (answer.dropped || answer.id < own.seen) return undefined;
    own.seen = answer.id;
    return onAnswer(answer, asked);
  }

  function drop() {
    clearTimeout(timer);
    timer = 0;
    hangUp(socket);
    socket = null;
  }

  // What was on its way is asked again, unless something newer waits on its lane.
  function land() {
    for (const own of lanes.values()) {
      own.waiting ??= [...own.flying.values()].at(-1) ?? null;
      own.flying.clear();
    }
  }

  function open() {
    drop();
    land();
    const target = new URL(address.url, document.baseURI);
    target.protocol = target.protocol.replace("http", "ws");
    target.searchParams.set("ticket", address.token);
    socket = new WebSocket(target);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      onLink("open");
      lanes.forEach(send);
    };
    socket.onmessage = ({ data }) => take(data);
    socket.onclose = ({ code, reason }) => {
      socket = null;
      if (code === 4400) lanes.clear(); // asked again it would be refused again
      if (code >= 4400 && code < 4500) return onRefused({ code, reason });
      onLink("lost");
      timer = setTimeout(open, wait);
      wait = Math.min(2 * wait, RETRY_MS[1]);
    };
  }

  return {
    // Ask something of this lane: `header` has at least {ask}, z is a Float32Array of this shape, or null. Returns the ask's id.
    // `note` is handed to `onAnswer` with the rest of what was asked, and not sent.
    ask(name, header, z = null, shape = z && [1, z.length], note = null) {
      const own = lane(name);
      count += 1;
      own.waiting = { id: count, lane: name, header, z: z && Float32Array.from(z), shape, note };
      send(own);
      return count;
    },
    // Whatever this lane still waits for is not wanted any more.
    forget(name) {
      Object.assign(lane(name), { waiting: null, seen: count + 1 });
    },
    // Where the socket is, from the next open() on.
    aim(next) {
      address = { url: next.url, token: next.token };
    },
    open,
    // For good, or until open(): nothing that was asked is kept.
    close() {
      drop();
      lanes.clear();
    },
    get idle() {
      return !socket && !timer;
    },
    get busy() {
      return [...lanes.values()].some((own) => own.waiting || own.flying.size);
    },
  };
}
