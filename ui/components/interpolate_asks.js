// What the view asks of the server: each lane once for what it shows, and again when that has changed; and the line to it.

const BUSY_AGAIN_MS = 1000; // until a busy server is asked again
const SAID_MS = 6000;

function makeWalkAsks({ context, drawAgain }) {
  const asked = new Map(); // lane -> what it was last asked for, in text
  const timers = new Map();
  const notes = new Map(); // an ask's id -> what it was for
  let latent = null;

  function later(name, wait, act) {
    clearTimeout(timers.get(name));
    const go = () => {
      timers.delete(name);
      act();
    };
    timers.set(name, setTimeout(go, wait));
  }

  return {
    later,
    waits: (name) => timers.has(name),
    aim: (next) => (latent = next),
    // Ask for `rows` of z on a lane unless that is what it was asked for last; `calm`: ms without another wish before it is.
    want(lane, signature, { header, rows, note = null, calm = 0 }) {
      const text = JSON.stringify([signature, context()]);
      if (asked.get(lane) === text) return;
      asked.set(lane, text);
      const { z, shape } = stackedZ(rows);
      const whole = { ...header, ...context().whose };
      later(lane, calm, () => notes.set(latent.ask(lane, whole, z, shape), note));
    },
    noteOf(id) {
      const note = notes.get(id);
      notes.delete(id);
      return note;
    },
    drop: (lane) => asked.delete(lane),
    again(lane) {
      asked.delete(lane);
      later(lane, BUSY_AGAIN_MS, drawAgain);
    },
    // What waits to be asked is of another run.
    forget() {
      for (const lane of asked.keys()) clearTimeout(timers.get(lane));
      asked.clear();
      notes.clear();
    },
    destroy: () => timers.forEach(clearTimeout),
  };
}

// What was done, for a while; and what is wrong, until it is not.
function makeNotices(root, asks) {
  const [notice, bar] = [".gs-notice", ".gs-trouble"].map((name) => root.querySelector(name));
  return {
    say(text) {
      notice.textContent = text;
      asks.later("notice", SAID_MS, () => (notice.textContent = ""));
    },
    trouble: (text) => Object.assign(bar, { textContent: text, hidden: !text }),
  };
}

// The latent socket of the run on screen, opened again where its address changes; `trouble(text)` says what is wrong with it.
function makeLine({ root, onAnswer, onNews, trouble, wordsNow, renew }) {
  let latent = null;
  let before = {};
  let renewed = false;

  function setLink(next) {
    root.dataset.link = next;
    if (next === "open") renewed = false;
    trouble(next === "lost" ? wordsNow().reconnecting : "");
  }

  function refused({ code, reason }) {
    root.dataset.link = "refused";
    if (code === 4401 && !renewed) {
      renewed = true;
      return renew();
    }
    return trouble(code === 4400 ? filled(wordsNow().bad_ask, { reason }) : wordsNow().refused);
  }

  return {
    connect({ run, url, token }) {
      if (!latent) {
        latent = makeLatent({ url, token, onAnswer, onNews, onLink: setLink, onRefused: refused });
        latent.open();
      } else {
        latent.aim({ url, token });
        if (before.run !== run) latent.close();
        if (before.url !== url || (before.token !== token && latent.idle)) latent.open();
      }
      before = { run, url, token };
      return latent;
    },
    busy: () => Boolean(latent?.busy),
    destroy: () => latent?.close(),
  };
}
