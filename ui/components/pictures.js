// The two grids: reals as they came, fakes of the newest samples or of the moment the timeline stands at.

function makePictures({ root, write, mark, onPainted }) {
  const [fakes, reals] = [".gs-fakes canvas", ".gs-reals canvas"].map((selector) => root.querySelector(selector));

  function paintReals(kind, real) {
    if (document.hidden || kind === "plane") return; // painted when the page is looked at again; a plane has both in one
    const paint = root.dataset.projector === "true" ? paintColumn : paintGrid;
    if (real) paint(reals, sheetOf(real));
    else fitCanvas(reals);
  }

  // `picture` is undefined where there is none yet, null where it is on its way: until then the last one stays.
  function paintFakes({ kind, picture, verdicts, step, text, real, colours }) {
    if (document.hidden || picture === null) return;
    if (kind === "plane") paintPlane(fakes, real, picture, colours);
    else if (picture) paintGrid(fakes, sheetOf(picture));
    else fitCanvas(fakes);
    write("drawn", picture ? text : "");
    mark({ samplesStep: picture ? step : "" });
    onPainted(picture && (() => sheetOf(picture)), verdicts);
  }

  return { fakes, reals, paintReals, paintFakes };
}
