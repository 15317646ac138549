// The runs that are compared: a socket, curves and moments each. What stays in the comparison keeps all of them.

function makeRuns({ onChange, onRows, onState }) {
  const files = makeShelf(SHELF_BYTES);
  const bitmaps = makeShelf(SHELF_BYTES, ({ bitmap }) => bitmap.close());
  let runs = [];
  let tell = () => {};

  // A run keeps its colour and its dash pattern while others come and go.
  function makeRun(facts, colours) {
    const slot = colours.findIndex((_, i) => !runs.some((run) => run.slot === i));
    const run = { ...facts, slot, colour: colours[slot], store: makeStore(), smoothers: new Map(), hidden: false, latest: {}, link: "opening", told: null, renewed: false };
    run.moments = makeMoments({ id: run.id, files, bitmaps, onChange });
    run.socket = makeSocket({ onFrame: (frame) => hear(run, frame), onLink: (link) => setLink(run, link), onExpired: () => renew(run) });
    return run;
  }

  function setLink(run, link) {
    run.link = link;
    if (link === "open") run.renewed = false;
    onState(run);
  }

  // A ticket is good for a while; the page makes new ones at each rerun.
  function renew(run) {
    if (run.renewed) return setLink(run, "refused");
    run.renewed = true;
    setLink(run, "lost");
    tell("renew");
    setTimeout(() => run.socket.idle && run.link === "lost" && setLink(run, "refused"), 5000);
  }

  function hear(run, frame) {
    if (frame.run !== run.id) return;
    Object.assign(run.latest, { state: frame.state, place: frame.place });
    run.alive = !ENDED.includes(frame.state);
    if (frame.rows) {
      if (frame.rows.reset) run.smoothers.clear();
      run.store.add(frame.rows);
      onRows();
    }
    if (frame.reals) run.latest.reals = frame.reals;
    if (frame.samples) run.moments.take(frame.samples);
    if (frame.marks) run.latest.turns = frame.marks.length;
    onState(run);
    onChange();
    comparePage(run);
  }

  // A page that shows another state or fewer turns of a knob than there are is told so, once each: the rerun brings it up to date.
  function comparePage(run) {
    const now = `${run.latest.state} ${run.latest.turns ?? run.turns}`;
    if (now === `${run.state} ${run.turns}`) run.told = null;
    else if (now !== run.told) tell("state", (run.told = now));
  }

  function bring(run, facts, isNew) {
    const before = { state: run.state, url: run.url, token: run.token };
    Object.assign(run, facts);
    run.alive = !ENDED.includes(run.latest.state ?? run.state);
    run.socket.aim(run);
    // An ended run's socket has said all and stays closed, until the page says that the run goes on.
    const goesOn = before.state !== run.state && run.link === "done" && !ENDED.includes(run.state);
    const retry = before.token !== run.token && run.socket.idle && run.link !== "done";
    if (isNew || goesOn || retry || before.url !== run.url) run.socket.open();
    run.moments.aimAt({ url: run.url, token: run.token });
  }

  return {
    set(next, colours, send) {
      tell = send;
      for (const run of runs.filter(({ id }) => !next.some((facts) => facts.id === id))) {
        run.socket.close();
        run.moments.destroy();
      }
      const before = runs;
      runs = runs.filter(({ id }) => next.some((facts) => facts.id === id));
      for (const facts of next.filter(({ id }) => !runs.some((run) => run.id === id))) runs = [...runs, makeRun(facts, colours)];
      runs = next.map(({ id }) => runs.find((run) => run.id === id));
      runs.forEach((run, i) => bring(run, next[i], !before.includes(run)));
      return runs;
    },
  };
}
