// The directions one can move along: which the pad's axes and the sliders are, and their vectors, asked of the network once each.

const AXIS_KINDS = ["sefa", "principal", "random", "coordinate", "classes"];
const FETCHED = { principal: 32, sefa: 32, random: 16 }; // directions in one answer, at most
const TIME = "time";
const MOST_CLASSES = 1000;

// "principal-3", "random-2-7" (the second of seed 7), "coordinate-12", "classes-4" (towards the fourth class), "time".
function axisOf(text) {
  const [kind, number = "1", seed = "0"] = text.split("-");
  return { kind, number: Number(number), seed: Number(seed) };
}

const axisText = ({ kind, number, seed }) => (kind === TIME ? TIME : [kind, number, ...(kind === "random" ? [seed] : [])].join("-"));

// The axes with another one at `name`. One direction twice makes no plane: two numbers of a kind change places, and a new kind begins
// at what is left.
function axesWith(axes, name, axis, most) {
  const other = name === "x" ? "y" : "x";
  if (axisText(axis) !== axisText(axes[other])) return { ...axes, [name]: axis };
  if (axes[name].kind === axis.kind) return { [name]: axis, [other]: axes[name] };
  return { ...axes, [name]: { ...axis, number: axis.number < most(axis.kind) ? axis.number + 1 : Math.max(1, axis.number - 1) } };
}

// `asked(header)` asks on a lane of its own; `onCome` when directions have come; `label()` is the class that is asked for.
function makeDirections({ ask, onCome, label }) {
  let dim = 0;
  let context = ""; // whose directions: principal and SeFa belong to weights
  // Principal ones belong to the class as well. SeFa's do not: the first layer adds what it is told of z and of the class.
  const ofClass = ["principal"];
  const known = new Map(); // "kind seed" -> { rows, strength }

  const nameOf = ({ kind, seed }) => (kind === "random" ? `random ${seed}` : `${kind} ${ofClass.includes(kind) ? label() : ""} ${context}`);
  const countOf = (kind) => Math.min(dim, FETCHED[kind] ?? 1); // of classes there are as many as there are, whatever one asks for
  const classes = () => known.get(nameOf({ kind: "classes" }));

  function wanted(axis) {
    const name = nameOf(axis);
    if (known.has(name)) return known.get(name);
    known.set(name, null);
    ask(`directions-${axis.kind}-${axis.kind === "random" ? axis.seed : 0}`, { ask: "directions", kind: axis.kind, count: countOf(axis.kind), seed: axis.seed }, name);
    return null;
  }

  return {
    begin(nextDim, nextContext) {
      if (dim === nextDim && context === nextContext) return;
      [dim, context] = [nextDim, nextContext];
      known.clear();
    },
    most: (kind) => (kind === "classes" ? (classes()?.rows.length ?? MOST_CLASSES) : kind === "coordinate" ? dim : countOf(kind)),
    // Names of the classes, each with whether there is a way to it: not where no image is taken for it.
    classes: () => classes()?.names.map((name, i) => ({ name, drawn: classes().strength[i] > 0 })) ?? [],
    // The vector of an axis; null until it has come.
    vector(axis) {
      if (axis.kind === "coordinate") return Float64Array.from({ length: dim }, (_, i) => (i === Math.min(dim, axis.number) - 1 ? 1 : 0));
      const found = wanted(axis);
      const row = found && Math.min(found.rows.length, axis.number) - 1;
      return found && (axis.kind !== "classes" || found.strength[row] > 0) ? found.rows[row] : null;
    },
    // The strongest few of a kind with their shares; null until they have come.
    strongest(kind, count) {
      const found = wanted({ kind, number: 1, seed: 0 });
      return found && found.rows.slice(0, count).map((row, i) => ({ row, strength: found.strength[i] }));
    },
    take({ directions, strength, names }, name) {
      const [count, length] = directions.shape;
      const rows = Array.from({ length: count }, (_, i) => Float64Array.from(directions.values.subarray(i * length, (i + 1) * length)));
      known.set(name, { rows, names, strength: strength ? strength.values : new Float32Array(count) });
      onCome();
    },
    // Not to be had: asked for again when it is next looked for.
    lost: (name) => known.delete(name),
  };
}
